"""Build hook: wheels carry the resources, and everything built gets its compiled catalogue."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileCatalogue(BuildHookInterface[Any]):
    """Compiles ``offcirc.po`` to ``offcirc.mo`` before files are collected."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before each build target.

        Args:
            version: ``standard``, or ``editable`` for a checkout installed in place.
            build_data: what the build includes; changed here.
        """
        source = Path(self.root) / "installer" / "catalogue.py"
        spec = importlib.util.spec_from_file_location("catalogue", source)
        if spec is None or spec.loader is None:
            raise FileNotFoundError(source)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.compile_all()
        # A checkout installed in place reads its own resources; a copy would only grow stale.
        if self.target_name == "wheel" and version == "standard":
            build_data["force_include"][str(Path(self.root) / "resources")] = "offcirc/resources"
