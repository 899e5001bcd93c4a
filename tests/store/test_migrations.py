"""What older databases hold is still there, in order, after they are brought up to date."""

from datetime import UTC, datetime
from importlib.resources import files

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from triage.domain.ruling import Ruling, RulingKind
from triage.store import Store
from triage.store.codec import pack

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)


def test_rulings_of_an_older_database_keep_their_order(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'old.sqlite'}")
    earlier, later = AT, AT.replace(hour=11)
    with store.begin() as unit:
        config = Config()
        config.set_main_option("script_location", str(files("triage.store").joinpath("migrations")))
        config.attributes["connection"] = unit.connection
        command.upgrade(config, "0010")
        for id, at in (("b", later), ("c", earlier), ("a", later)):
            ruling = Ruling(id=id, kind=RulingKind.MOVED, at=at, by="Kim Lee", contacts=())
            unit.connection.execute(
                text("INSERT INTO ruling (id, kind, at, body) VALUES (:id, 'moved', :at, :body)"),
                {"id": id, "at": at.isoformat(), "body": pack(ruling)},
            )
    with store.migrate().begin() as unit:
        unit.rulings.add(Ruling(id="0", kind=RulingKind.MOVED, at=earlier, by="Kim Lee", contacts=()))
        assert [found.ruling.id for found in unit.rulings.newest()] == ["0", "b", "a", "c"]
