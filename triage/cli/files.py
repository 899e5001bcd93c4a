"""Commands from files to files: score, replay, and rows by other routes."""

import contextlib
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from triage.cli.terminal import Config, Detoxify, Models, PolicyName, clear_errors, err, out, progress, reading, writing


def score(
    input: Annotated[Path, typer.Option(help="Contacts, one JSON object a line.")],
    output: Annotated[Path, typer.Option(help="Where to write one prediction a line.")],
    models: Models = None,
    detoxify: Detoxify = None,
) -> None:
    """Score contacts from a file with the champion in use."""
    from triage.scoring import open_reader
    from triage.scoring_files import score_lines

    with clear_errors(), reading(input) as lines, writing(output) as write:
        told: Counter[str] = Counter()
        reader = open_reader(models, detoxify)
        if reader.problem:
            err.print(reader.problem, markup=False)
        for row in score_lines(lines, reader):
            told["not scored" if row.get("not_scored") else "scored"] += 1
            write(row)
    err.print(f"{told['scored']} contacts scored, {told['not scored']} not; each of those says why in {output}.")


def replay(
    input: Annotated[Path, typer.Option(help="A history, one JSON object a line.")],
    flags: Annotated[Path, typer.Option(help="Where to write each code as it is first raised.")],
    links: Annotated[Path, typer.Option(help="Where to write who and which issue each contact was linked to.")],
    models: Models = None,
    policy: PolicyName = "unacceptable-behaviour",
    scores: Annotated[
        Path | None, typer.Option(help="Scores of its contacts, as triage score writes them; no model is run.")
    ] = None,
    detoxify: Detoxify = None,
) -> None:
    """Run the real pipeline over a history, under the history's own clock."""
    from triage.bootstrap import replay_pipeline
    from triage.domain.policy import shipped_policy
    from triage.history_file import open_history
    from triage.ports import Reader
    from triage.replay import replay_to
    from triage.scoring import ModelGists, open_reader
    from triage.scoring_files import GivenScores

    with clear_errors(), contextlib.ExitStack() as open_files, TemporaryDirectory() as folder:
        lines = open_files.enter_context(reading(input))
        if scores is None:
            model, gists = open_reader(models, detoxify), ModelGists()
            reader: Reader = model
            for refused in filter(None, (model.problem, gists.problem)):
                err.print(refused, markup=False)
        else:
            reader, gists = GivenScores.of_file(open_files.enter_context(reading(scores)).buffer), None
        history = open_history(lines.buffer)
        for problem in history.problems:
            err.print(problem, markup=False)
        pipeline, clock = replay_pipeline(Path(folder) / "replay.sqlite", reader, shipped_policy(policy), gists)
        told: Counter[str] = Counter()
        with writing(flags) as write_flag, writing(links) as write_link, progress("Replaying") as watched:

            def raised(row: dict[str, Any]) -> None:
                told["flags"] += 1
                write_flag(row)

            for row in replay_to(raised, history, pipeline, clock, watched):
                told["links"] += 1
                write_link(row)
        pipeline.store.close()
    err.print(f"{len(history.items)} items, {told['flags']} flags, {told['links']} contacts linked.")


def rehearse(
    output: Annotated[Path, typer.Option(help="Where to write, as CSV, what would be newly raised or no longer.")],
    policy_file: Annotated[
        Path | None, typer.Option(help="The changed policy (TOML); without it, the one in use.")
    ] = None,
    models: Annotated[
        Path | None, typer.Option(help="Models folder of the changed model; without it, scores stay.")
    ] = None,
    minutes: Annotated[float, typer.Option(help="Minutes that a reviewer needs for a flag.")] = 12.0,
    config: Config = None,
) -> None:
    """Rehearse a changed policy or model on everything in the store. Live flags are only read, and stay as they are."""
    from triage.bootstrap import clock_of
    from triage.config import read_settings
    from triage.domain.errors import InputError, PolicyError
    from triage.domain.policy import read_policy, shipped_policy
    from triage.domain.policy_change import faults
    from triage.rehearsing import HEADER, Change, Period, StoredScores, for_reviewers, history_of, rows_of
    from triage.rehearsing import rehearse as run
    from triage.reports.sheet import sheet
    from triage.scoring import open_reader
    from triage.store import Store

    with clear_errors(), contextlib.ExitStack() as open_things:
        if policy_file is None and models is None:
            raise InputError("Name what is changed: --policy-file with another policy, or --models with another model.")
        settings = read_settings(config)
        store = open_things.enter_context(contextlib.closing(Store(settings.database).migrate()))
        now = shipped_policy(settings.policy)
        changed = now if policy_file is None else read_policy("".join(open_things.enter_context(reading(policy_file))))
        if wrong := faults(now, changed):
            raise PolicyError(" ".join(wrong))
        everything = Period.until(clock_of(settings)())
        stored = StoredScores(store, everything)
        reader = stored if models is None else open_reader(models)
        with progress("Rehearsing") as watched:
            history = history_of(store, everything)
            done = run(history, (stored, now), (reader, changed), everything, minutes=minutes, progress=watched)
        try:
            output.write_text(sheet(HEADER, rows_of(done)), "utf-8")
        except OSError as error:
            err.print(f"{output} cannot be written: {error.strerror}.", markup=False)
            raise typer.Exit(2) from error
    for code in done.codes:
        new, gone = done.count(Change.NEW, code), done.count(Change.GONE, code)
        raised = f"{done.before.get(code, 0)} raised now, {done.after.get(code, 0)} then"
        out.print(f"{code}: {raised} ({new} new, {gone} gone).", markup=False)
    before, after = for_reviewers(done.flags_before), for_reviewers(done.flags_after)
    out.print(
        f"{before} flags for reviewers now, {after} then: {done.hours:+.1f} reviewer hours, at {minutes:g} minutes a flag.",
        markup=False,
    )


def import_rows(
    file: Annotated[Path, typer.Argument(help="CSV with the fields' names in its first line, or JSON lines.")],
    kind: Annotated[str, typer.Option(help="contacts, incidents, customers, visits or records")],
    source: Annotated[str, typer.Option(help="The system that the rows come from; its ids are its own.")],
    channel: Annotated[str | None, typer.Option(help="For contacts whose rows name none: sms, webform, ...")] = None,
    as_of: Annotated[str | None, typer.Option(help="How old the facts are; else the file's own time.")] = None,
    config: Config = None,
) -> None:
    """Take in a file of rows. A bad row costs itself alone and is kept in FILE.rejected.jsonl, with a sentence."""
    from triage.bootstrap import wall_clock
    from triage.config import read_settings
    from triage.routes_in.importing import import_file
    from triage.store import Store

    with clear_errors(), contextlib.closing(Store(read_settings(config).database).migrate()) as store:
        with progress(f"Importing {file.name}") as watched:
            done = import_file(
                store, file, kind, source=source, channel=channel, as_of=as_of, now=wall_clock(), progress=watched
            )
        for row in done.refused[:50]:
            err.print(f"Line {row.line}: {row.reason}", markup=False)
        if done.rejects is not None:
            err.print(
                f"{len(done.refused)} {'row was' if len(done.refused) == 1 else 'rows were'} refused; "
                f"correct {'it' if len(done.refused) == 1 else 'them'} in {done.rejects} and import that.",
                markup=False,
            )
        noted = done.noted
        out.print(
            f"{noted.new} new, {noted.changed} changed, {noted.same} as before. They are taken in by the next round.",
            markup=False,
        )
        if done.refused:
            raise typer.Exit(1)
