"""The bar of steps: what it says for every state of the job, at every width."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from offcirc import i18n
from offcirc.referent.frame.header import Header, step_name
from offcirc.referent.frame.nextbar import NextBar, Turn
from offcirc.referent.frame.steps import (
    STEPS,
    Stage,
    StepFacts,
    StepPlace,
    StepView,
    board,
    stage_words,
)
from offcirc.referent.kit.flow_layout import Flow, SideBySide

FILES = {"sources": 11, "lines": 4043}


def stages(**facts) -> list[str]:
    return [view.stage.value for view in board(StepFacts(**facts)).values()]


def test_nothing_yet():
    assert stages() == ["next", "closed", "ahead", "closed", "closed", "closed"]


def test_files_are_there_and_the_next_step_is_to_check_them():
    assert stages(**FILES) == ["done", "next", "ahead", "closed", "closed", "closed"]
    views = board(StepFacts(**FILES))
    assert views[StepPlace.COLLECT].caption == "11 files"
    assert views[StepPlace.UPLOAD].caption == "4,043 lines"


def test_open_questions_are_not_passed_over():
    assert stages(**FILES, open_questions=2)[:3] == ["done", "attention", "ahead"]
    assert board(StepFacts(**FILES, open_questions=2))[StepPlace.CHECK].caption == "2 questions"
    # Whoever went on all the same is still told.
    assert stages(**FILES, open_questions=2, checked=True)[1] == "attention"


def test_files_that_cannot_be_uploaded_alone_are_a_reason_to_look():
    assert stages(left_out=1)[0] == "attention"
    assert stages(reading=True)[0] == "next"


def test_checked_then_uploading_then_interrupted_then_done():
    assert stages(**FILES, checked=True)[:3] == ["done", "done", "next"]
    under_way = board(StepFacts(**FILES, checked=True, uploading=True, unfinished=3))
    assert under_way[StepPlace.UPLOAD] == StepView(Stage.NEXT, "under way")
    left = board(StepFacts(**FILES, checked=True, unfinished=3, report=True))
    assert left[StepPlace.UPLOAD] == StepView(Stage.ATTENTION, "3 left")
    done = {**FILES, "checked": True, "uploaded": True, "report": True}
    assert stages(**done, exceptions=9)[2:4] == ["done", "attention"]
    assert stages(**done, exceptions=9, report_seen=True)[3] == "done"
    assert stages(**done, report_seen=True)[2:4] == ["done", "done"]


def test_the_work_list_and_the_closing():
    done = {**FILES, "uploaded": True, "report": True, "report_seen": True}
    # Nothing was refused: there is nothing to follow up.
    assert stages(**done, to_close=3)[4:] == ["done", "next"]
    assert stages(**done, exceptions=2, to_close=3)[4:] == ["next", "ahead"]
    assert stages(**done, todo=2, todo_all=5, to_close=3)[4:] == ["attention", "ahead"]
    assert stages(**done, todo_all=5, to_close=3)[4:] == ["done", "next"]
    assert stages(**done, todo_all=5, closed=3)[4:] == ["done", "done"]


def test_a_window_without_some_steps_has_only_the_others():
    some = (StepPlace.COLLECT, StepPlace.UPLOAD)
    assert list(board(StepFacts(), some)) == [StepPlace.COLLECT, StepPlace.UPLOAD]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_step_and_stage_has_words(language):
    i18n.activate(language)
    assert len({step_name(place) for place in StepPlace}) == len(StepPlace)
    # Registrations are reached by Alt+0: the letters are spent.
    lettered = set(StepPlace) - {StepPlace.REGISTRATIONS}
    assert all(step_name(place).count("&") == 1 for place in lettered)
    assert all(stage_words(stage) for stage in Stage if stage is not Stage.AHEAD)


@pytest.fixture
def header(qtbot, sheet) -> Header:
    around = QWidget()  # as a window it could be no narrower than the window system lets it be
    made = Header(sheet, [*STEPS, StepPlace.HISTORY])
    made.setParent(around)
    qtbot.addWidget(around)
    around.show()
    made.around = around
    return made


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_bar_fits_where_there_is_room_and_where_there_is_little(qtbot, header, sheet, language):
    header.show_steps(board(StepFacts(**FILES, open_questions=7, report=True, exceptions=37)))
    header.show_place(StepPlace.CHECK)
    tabs = [*header.tabs.values(), header.help]

    def fits() -> bool:
        return sum(tab.sizeHint().width() for tab in tabs) <= header.width()

    for width in (1600, 1024, header.minimumSizeHint().width()):
        header.resize(width, header.sizeHint().height())
        header.layout().activate()
        qtbot.waitUntil(fits)
        assert not header.tabs[StepPlace.CHECK]._is_short
    assert header.tabs[StepPlace.UPLOAD]._is_short
    # At twice the size, a screen of 1280 points is half as wide.
    assert header.minimumSizeHint().width() <= 640


def test_a_step_says_where_it_is_and_how_far(header):
    header.show_steps(board(StepFacts(**FILES, open_questions=7)))
    header.show_place(StepPlace.COLLECT)
    tabs = header.tabs
    assert tabs[StepPlace.COLLECT].accessibleName() == (
        "Step 1: Collect, you are here, done, 11 files"
    )
    assert tabs[StepPlace.CHECK].accessibleName() == (
        "Step 2: Check, needs your attention, 7 questions"
    )
    assert not tabs[StepPlace.REPORT].isEnabled()
    assert tabs[StepPlace.HISTORY].isEnabled()


def test_the_line_below_says_what_is_next(qtbot, sheet):
    done: list[str] = []
    page = QWidget()
    qtbot.addWidget(page)
    bar = NextBar(sheet, lambda: done.append("back"), page)
    bar.show_turn(Turn("7 questions", "&Go", lambda: done.append("next")), can_go_back=True)
    bar.next.click()
    bar.back.click()
    assert done == ["next", "back"]
    bar.show_turn(Turn("Nothing yet", "&Go", lambda: done.append("no"), False), can_go_back=False)
    bar.next.click()
    assert done == ["next", "back"]
    assert bar.back.isHidden()
    bar.show_turn(Turn(), can_go_back=True)
    assert bar.next.isHidden()


def test_a_row_breaks_where_it_must(qtbot, sheet):
    page = QWidget()
    qtbot.addWidget(page)
    row = Flow(10)
    page.setLayout(row)
    parts = [QLabel("x", page) for _part in range(4)]
    for part in parts:
        part.setFixedSize(100, 20)
        row.addWidget(part)
    assert row.heightForWidth(500) == 20
    assert row.heightForWidth(430) == 20
    assert row.heightForWidth(429) == 50
    assert row.heightForWidth(90) == 4 * 20 + 3 * 10
    parts[0].hide()
    assert row.heightForWidth(320) == 20


def test_what_grows_takes_the_rest_of_its_line(qtbot):
    page = QWidget()
    qtbot.addWidget(page)
    row = Flow(10)
    page.setLayout(row)
    field, button = QLabel("", page), QLabel("", page)
    field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    button.setFixedSize(100, 20)
    row.addWidget(field)
    row.addWidget(button)
    row.setGeometry(QRect(0, 0, 400, 20))
    assert button.geometry().right() == 399
    assert field.width() == 290


def test_sides_stand_one_under_the_other_where_it_is_narrow(qtbot):
    page = QWidget()
    qtbot.addWidget(page)
    sides = SideBySide(200, 10, page)
    for _part in range(2):
        sides.add(QLabel("x", page))
    page.show()
    sides.resize(410, 100)
    assert not sides.upright
    sides.resize(409, 100)
    assert sides.upright
