"""A small library behind SIP2 on a real socket, with the oddities seen on Koha.

Loans are dated by its clock whatever a message says; no-block is ignored; a loan sent twice is a
renewal by two weeks; a return without date drops the connection; answers hold fields that are none;
a wrong login is answered and the connection closed. It reads and writes by its own code.
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

LOGIN, PASSWORD = "sip", "bac-a-sable-1"
NOW = datetime(2026, 11, 28, 9, 30)
PERIOD = timedelta(days=14)


@dataclass
class SipLoan:
    """A loan; ``renewals`` counts how often it came again."""

    patron: str
    lent_at: datetime
    due_at: datetime
    renewals: int = 0


@dataclass
class SipDouble:
    """The library.

    Attributes:
        fate: what happens to a message that came: ``""``, ``lose`` (done, never answered), ``cut``
            (not done), ``garble`` (the answer is damaged once), ``deaf`` (96, not done).
        received: every message as it came, text.
        kept_in: items that are not for loan, which Koha says in its own code.
    """

    charset: str = "utf-8"
    items: dict[str, str] = field(default_factory=dict)
    patrons: dict[str, str] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)
    kept_in: set[str] = field(default_factory=set)
    loans: dict[str, SipLoan] = field(default_factory=dict)
    returned: list[tuple[str, str]] = field(default_factory=list)
    received: list[str] = field(default_factory=list)
    fate: Callable[[str], str] = lambda _code: ""
    library: str = "Bibliothèque"
    checksums: bool = True
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, text: str) -> str:
        """What the library says to a message; empty: it drops the connection."""
        code, body = text[:2], text[2:]
        fields = dict(reversed([(part[:2], part[2:]) for part in body.split("|")]))
        match code:
            case "93":
                fields["CN"] = body[4:].split("|")[0]
                ok = (fields["CN"], fields.get("CO")) == (LOGIN, PASSWORD)
                return "941" if ok else "940"
            case "99":
                return f"98YYYYNY100005{self._stamp()}2.00AOCPL|AM{self.library}|BXYYYYYYYYY|"
            case "17":
                fields["AB"] = _first("AB", body[18:])
                return self._item(fields["AB"])
            case "63":
                return self._patron(_first("AA", body[31:]))
            case "11":
                return self._loan(_first("AA", body[38:]), _first("AB", body[38:]))
            case "09":
                if not body[19:37].strip():
                    return ""
                return self._return(_first("AB", body[37:]), body[19:37])
        return "96"

    def _item(self, code: str) -> str:
        if code not in self.items:
            return f"18010001{self._stamp()}AB{code}|AJ|"
        loan = self.loans.get(code)
        state, due = ("04", f"AH{loan.due_at:%Y-%m-%d %H:%M}|") if loan else ("03", "")
        return f"18{state}0001{self._stamp()}AB{code}|AJ{self.items[code]}|{due}"

    def _patron(self, card: str) -> str:
        known = card in self.patrons
        flags = "YYYY" + " " * 10 if card in self.blocked or not known else " " * 14
        mine = sorted(code for code, loan in self.loans.items() if loan.patron == card)
        lists = "".join(f"AU{code}|" for code in mine)
        counts = f"00000000{len(mine):04}000000000000"
        said = "" if known else "AFInvalid cardnumber|"
        valid = "Y" if known else "N"
        name = self.patrons.get(card, "")
        start = f"64{flags}001{self._stamp()}{counts}AA{card}|AE{name}|BL{valid}|"
        return f"{start}{lists}{said}"

    def _loan(self, card: str, code: str) -> str:
        refused = f"120NUN{self._stamp()}AA{card}|AB{code}|AJ|AH|AF"
        if code not in self.items:
            return f"{refused}Invalid Item|"
        if card not in self.patrons:
            return f"{refused}Invalid Patron|"
        if card in self.blocked:
            return f"{refused}Patron Blocked|"
        if code in self.kept_in:
            return f"{refused}Issue failed : NOT_FOR_LOAN|"
        loan = self.loans.get(code)
        if loan is not None and loan.patron != card:
            return f"{refused}Item checked out to another patron|"
        if loan is None:
            loan = self.loans[code] = SipLoan(card, NOW, NOW + PERIOD)
        else:
            loan.renewals += 1
            loan.due_at += PERIOD
        title = self.items[code]
        due = f"{loan.due_at:%Y-%m-%d %H:%M}"
        return f"121YUY{self._stamp()}AA{card}|AB{code}|AJ{title}|AH{due}|"

    def _return(self, code: str, at: str) -> str:
        junk = "CYC4::SIP::SIPServer=HASH(0x55d0c8)|x|"
        if code not in self.items:
            return f"100NUN{self._stamp()}AB{code}|AFInvalid Item|{junk}"
        if self.loans.pop(code, None) is None:
            return f"100NUN{self._stamp()}AB{code}|AFItem not checked out|{junk}"
        self.returned.append((code, at))
        return f"101NUN{self._stamp()}AOCPL|AB{code}|AJ{self.items[code]}|{junk}"

    def _stamp(self) -> str:
        return f"{NOW:%Y%m%d}    {NOW:%H%M%S}"

    def framed(self, text: str, number: str) -> bytes:
        """An answer as bytes; one in ten sums begins with a nought that is not written."""
        content = text.encode(self.charset)
        if not self.checksums:
            return content + b"\r\n"
        content += f"AY{number}AZ".encode()
        return content + f"{-sum(content) & 0xFFFF:X}\r\n".encode()


def _first(letters: str, fields: str) -> str:
    return next((one[2:] for one in fields.split("|") if one[:2] == letters), "")


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            while self._one():
                pass

    def _one(self) -> bool:
        double = self.server.double
        frame = b""
        while not frame.endswith(b"\r"):
            piece = self.rfile.read(1)
            if not piece:
                return False
            frame += piece
        text, _trailer, tail = frame.decode(double.charset).strip("\r\n").rpartition("AY")
        if not _trailer:
            text, tail = tail, ""
        number = tail[:1]
        if text[:2] == "97" or tail[:2] == "97" or frame.startswith(b"97"):
            self.wfile.write(self._last)
            return True
        with double.lock:
            double.received.append(text)
            fate = double.fate(text[:2])
            if fate == "cut":
                return False
            if fate == "deaf":
                self.wfile.write(b"96AZFEF6\r\n")
                return True
            said = double.answer(text)
        if not said or fate == "lose":
            return False
        self._last = double.framed(said, number)
        sent = self._last.replace(b"|", b"!", 1) if fate == "garble" else self._last
        self.wfile.write(sent)
        return said != "940"


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    double: SipDouble

    def process_request(self, request: socket.socket, client_address: object) -> None:  # type: ignore[override]
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().process_request(request, client_address)


@contextlib.contextmanager
def running_sip(**ways: object) -> Iterator[SipDouble]:
    """A library for as long as the ``with`` block lasts."""
    double = SipDouble(**ways)  # type: ignore[arg-type]
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.double = double
        double.url = f"sip2://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield double
        finally:
            server.shutdown()
            thread.join()
