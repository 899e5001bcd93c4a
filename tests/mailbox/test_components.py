"""The helper that skips or fails tests whose components are missing."""

import pytest

from tests.components import COMPONENTS, REQUIRE_ALL, Component, require


@pytest.fixture
def missing(monkeypatch):
    monkeypatch.setitem(COMPONENTS, "moonlight", Component(is_here=lambda: False, remedy="wait for night"))
    monkeypatch.delenv(REQUIRE_ALL, raising=False)


def test_a_missing_component_skips_and_names_its_remedy(missing):
    with pytest.raises(pytest.skip.Exception, match="wait for night"):
        require("moonlight")


def test_a_missing_component_fails_where_all_are_required(missing, monkeypatch):
    monkeypatch.setenv(REQUIRE_ALL, "1")
    with pytest.raises(pytest.fail.Exception, match="wait for night"):
        require("moonlight")


def test_a_component_that_is_here_does_nothing(monkeypatch):
    monkeypatch.setitem(COMPONENTS, "air", Component(is_here=lambda: True, remedy=""))
    require("air")
