"""What all tests share: no test is skipped quietly, and in CI none at all."""

import os
import shutil

import pytest
from hypothesis import settings

pytest_plugins = ("tests.stores",)
# The same examples in every run, and no limit on their time: a busy machine fails no test.
settings.load_profile("ci")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's program; for tests marked `browser`, which do not run without it."""
    found = shutil.which("chromium")
    assert found is not None, "mark the test with pytest.mark.browser"
    return found


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("browser") and shutil.which("chromium") is None:
        pytest.skip("there is no chromium (Debian: apt-get install chromium)")


def _skipped(config: pytest.Config) -> list[pytest.TestReport]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return reporter.stats.get("skipped", []) if reporter is not None else []


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI a test that did not run has failed."""
    in_ci = os.environ.get("CI") == "true"
    if in_ci and exitstatus == pytest.ExitCode.OK and _skipped(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    skipped = _skipped(config)
    if not skipped:
        return
    terminalreporter.section("NOT TESTED", sep="!", red=True)
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        terminalreporter.line(f"{report.nodeid}: {reason}")
    if os.environ.get("CI") == "true":
        terminalreporter.line("In CI a skipped test is an error.")
