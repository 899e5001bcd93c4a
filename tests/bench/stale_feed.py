"""What is put before people where our own records are older than 24 hours: `python tests/bench/stale_feed.py TOOLS TIMELINES`.

The timelines are replayed twice: with records that count as fresh, and with a feed that was last heard 25 hours before the first
contact, and never again. Of demands, persistence and A3 not one may be raised then; each has to say "cannot judge" (C13).
"""

import sys
import tempfile
from collections import Counter
from contextlib import closing
from datetime import timedelta
from io import BytesIO
from pathlib import Path

from timelines_tool import history_of

from triage.assessing import RECORDS_FEED
from triage.bootstrap import replay_pipeline
from triage.domain.persistence import NEEDS_RECORDS
from triage.domain.policy import shipped_policy
from triage.domain.signal import Judgement
from triage.history_file import open_history
from triage.replay import replay
from triage.scoring import open_reader

OLDER = timedelta(hours=25)


def told(history: bytes, *, stale: bool) -> tuple[Counter[str], Counter[str], int]:
    """Prompts by code; patterns by code that say "cannot judge" at the end; and issues with such a one."""
    with tempfile.TemporaryDirectory() as folder:
        pipeline, clock = replay_pipeline(Path(folder, "replay.sqlite"), open_reader(None), shipped_policy())
        with closing(pipeline.store):
            given = open_history(BytesIO(history))
            if stale:
                pipeline.feed_assumed_fresh = False
                with pipeline.store.begin() as unit:
                    pipeline.hear(unit, RECORDS_FEED, min(item.at for item in given.items) - OLDER, "ok")
            raised = Counter(row["code"] for row in replay(given, pipeline, clock).flags)
            pipeline.alone = False  # from here on as a page would have it: every clause, with its reasons
            pipeline.following.forget()
            unjudged: Counter[str] = Counter()
            issues = set()
            with pipeline.store.begin() as unit:
                for issue in unit.issues.all():
                    for pattern in pipeline._judged(unit, issue, clock.now, None, None)[2]:
                        if pattern.judgement is Judgement.CANNOT_JUDGE:
                            unjudged[pattern.code] += 1
                            issues.add(issue.id)
    return raised, unjudged, len(issues)


def main() -> int:
    history = history_of(Path(sys.argv[1]), Path(sys.argv[2]))
    fresh, none, _ = told(history, stale=False)
    stale, unjudged, issues = told(history, stale=True)
    print(
        "clause   prompts, records fresh   prompts, records older than 24 h   people on issues: cannot judge, at the end"
    )
    for code in (*NEEDS_RECORDS, "service_failure"):
        print(f"{code:<9}{fresh[code]:>22}{stale[code]:>35}{unjudged[code]:>15}")
    prompts = sum(stale[code] for code in NEEDS_RECORDS)
    print(
        f"Of {sum(fresh[code] for code in NEEDS_RECORDS)} prompts of demands, persistence and A3, {prompts} with a stale feed; "
        f"{sum(unjudged.values())} say that they cannot be judged, on {issues} issues (with fresh records {sum(none.values())})."
    )
    return 1 if prompts or not unjudged else 0


if __name__ == "__main__":
    raise SystemExit(main())
