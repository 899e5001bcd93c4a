"""What a stranger types wrongly, or starts with nothing, is answered by a sentence that says what to do."""

import pytest
from typer.testing import CliRunner

from triage.cli import app


@pytest.fixture
def said(tmp_path):
    """Runs a command over settings of its own and gives its exit status and what it said, in one line."""
    settings = tmp_path / "triage.toml"
    settings.write_text('database = "sqlite:///t.sqlite"\nmodels = "models"\n', "utf-8")

    def run(*words, config=settings):
        done = CliRunner().invoke(app, [*words, *(["-c", str(config)] if config else [])])
        assert "Traceback" not in done.output
        return done.exit_code, " ".join(done.output.split())

    return run


def test_an_empty_installation_says_how_to_begin(said):
    assert said("user", "list") == (0, "There is nobody yet; `triage user add ACCOUNT NAME ROLE` adds a person.")
    assert said("token", "list") == (0, "There is no token yet; `triage token new SOURCE --kinds … --by …` makes one.")


def test_a_rehearsal_of_nothing_is_refused(said, tmp_path):
    status, words = said("rehearse", "--output", str(tmp_path / "o.csv"))
    assert status == 2 and "--policy-file" in words and "--models" in words


def test_training_without_the_base_texts_says_where_they_are(said, tmp_path):
    status, words = said("train", "--base", str(tmp_path / "none"))
    assert status == 2 and "training/housing of a checkout" in words


def test_what_was_never_printed_by_verify_is_no_proof_of_tampering(said):
    status, words = said("audit", "verify", "--since", "rubbish")
    assert status == 2 and "altered" not in words and "a number, a space and a hash" in words


def test_a_model_that_is_not_there_is_answered_in_a_sentence(said):
    assert said("models", "rollback", "--by", "Ana") == (
        2,
        "There is nothing to roll back: the packaged champion is in use.",
    )


def test_a_folder_that_is_missing_is_named_with_what_to_do(said, tmp_path):
    settings = tmp_path / "elsewhere.toml"
    settings.write_text('database = "sqlite:///none/t.sqlite"\n', "utf-8")
    status, words = said("user", "list", config=settings)
    assert status == 2 and f"Make the folder {tmp_path / 'none'}" in words.replace("- ", "-")


def test_every_wrong_setting_is_named_as_people_count(said, tmp_path):
    settings = tmp_path / "wrong.toml"
    settings.write_text('port = "abc"\nprot = 1\n[[imap]]\nname = "a"\n', "utf-8")
    status, words = said("user", "list", config=settings)
    assert status == 2
    for sentence in ("port has to be a number, not 'abc'.", "prot is no setting", "imap 1: host is missing."):
        assert sentence in words


def test_the_version_is_told(said):
    status, words = said("--version", config=None)
    assert status == 0 and words.startswith("triage ")
