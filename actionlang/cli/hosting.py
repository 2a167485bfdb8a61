"""The plug-ins of a project, for commands that run verbs: those of the modules that its file names, and of installed packages."""

from __future__ import annotations

import sys
from importlib.metadata import entry_points

from actionlang.compile.project import Project
from actionlang.plugins.loading import GROUP
from actionlang.plugins.plugins import Plugins


def plugins_of(project: Project) -> Plugins | None:
    """What is registered; None where nothing brings any plug-ins.

    Raises ActionLangError when a module or a package can not be loaded, or registers what can not be.
    """
    if not project.plugins and not entry_points(group=GROUP):
        return None
    plugins = Plugins()
    if project.plugins and str(project.root) not in sys.path:
        # As Python itself finds modules of the folder that it is started in.
        sys.path.insert(0, str(project.root))
    for name in project.plugins:
        plugins.load_module(name)
    plugins.load_entry_points()
    return plugins
