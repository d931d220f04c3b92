"""The record on a PostgreSQL server: shared, serialised, and plain about what is wrong."""

from __future__ import annotations

import multiprocessing
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from assistant.errors import AssistantError, LibraryBusy, LibraryError, SettingsError
from assistant.library import Library, open_library
from assistant.models import Answer, Answerable
from assistant.record import postgres as library_postgres
from assistant.record.desk import Desk
from assistant.settings import load_settings
from tests.factory import make_notice
from tests.postgres_server import PostgresCluster, program_folder, running_cluster
from tests.waiting import LONG_S, wait_for

SECRET = "geheim"  # of the password in the address of the tests' server
NOWHERE = Path("/nonexistent")


def put(library: Library, number: int, *, twin: bool = False) -> None:
    document, notice = make_notice(f"aaaa{number:04d}", {"问题": ("改。",)}, sha256=f"{number}")
    other = replace(notice, id=f"bbbb{number:04d}", cases=())
    library.put(document, (notice, other) if twin else (notice,), origin=f"{number}")


@pytest.fixture
def url(postgres: PostgresCluster) -> str:
    return postgres.new_database()


@pytest.fixture
def opened() -> Iterator[Callable[[str], Library]]:
    """Give a way to open libraries that are closed when the test ends."""
    with ExitStack() as stack:

        def opening(url: str) -> Library:
            library = open_library(NOWHERE, url)
            stack.callback(library.close)
            return library

        yield opening


@pytest.fixture
def own_cluster() -> Iterator[PostgresCluster]:
    """Give a server that a test may end."""
    programs = program_folder()
    if programs is None:
        pytest.skip("no PostgreSQL server under /usr/lib/postgresql (apt-get install postgresql)")
    with running_cluster(programs) as cluster:
        yield cluster


Opening = Callable[[str], Library]


# ---------------------------------------------------------------------- shared


def test_what_one_program_stores_the_other_sees(url: str, opened: Opening) -> None:
    here, there = opened(url), opened(url)
    put(here, 1)
    assert there.notice("aaaa0001").unit == "清溪镇党委"
    here.rewrite(lambda notice: replace(notice, unit="河口镇党委"), ids=["aaaa0001"])
    assert here.notice("aaaa0001").unit == "河口镇党委"
    assert there.notices()[0].unit == "河口镇党委"
    time.sleep(there.database.fresh_s)
    assert there.notice("aaaa0001").unit == "河口镇党委"
    assert there.overview().notices == 1


def _put_many(url: str, start: int) -> None:
    library = open_library(NOWHERE, url)
    for number in range(start, start + 20):
        put(library, number, twin=True)
    library.close()


def test_programs_that_import_at_once_queue_and_lose_nothing(url: str, opened: Opening) -> None:
    context = multiprocessing.get_context("spawn")
    # the record does not exist yet: who comes first makes it, the other waits
    writers = [context.Process(target=_put_many, args=(url, start)) for start in (0, 100)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(LONG_S)
        assert writer.exitcode == 0
    library = opened(url)
    assert library.revision() == 40
    assert len(library.notices()) == 80
    assert [entry.action for entry in library.audit_entries()] == ["导入"] * 40


def test_a_reader_sees_one_moment_while_another_writes(url: str, opened: Opening) -> None:
    reader, writer = opened(url), opened(url)
    put(writer, 1, twin=True)
    stop = threading.Event()

    def write() -> None:
        number = 2
        while not stop.is_set():
            put(writer, number, twin=True)
            number += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(20):
            changes = reader.changes(-1)
            assert len(changes.ids) == len(changes.notices) == 2 * changes.revision
    finally:
        stop.set()
        thread.join()


def test_names_sort_the_same_as_in_a_file(url: str, opened: Opening, home: Path) -> None:
    names = ["b.txt", "A.txt", "a.txt", "乙.txt", "甲.txt", "Z.txt", "_.txt"]
    libraries = (opened(url), open_library(home))
    for library in libraries:
        for number, name in enumerate(names):
            document, notice = make_notice(
                f"n{number}", {"问": ("改。",)}, sha256=name, source=name
            )
            library.put(document, (notice,))
    server, file = ([notice.source for notice in library.notices()] for library in libraries)
    assert server == file


def test_conversations_are_found_the_same_as_in_a_file(
    url: str, opened: Opening, home: Path
) -> None:
    for library in (opened(url), open_library(home)):
        desk = Desk(library)
        desk.save_turn(None, "OA系统怎么改", Answer("问", "统一Oa流程。", (), (), Answerable.YES))
        for words, count in (("oa", 1), ("OA系统", 1), ("流程", 1), ("%", 0), ("_A", 0)):
            assert len(desk.conversations(words)) == count, words


def test_nobody_changes_what_the_audit_says(
    url: str, opened: Opening, postgres: PostgresCluster
) -> None:
    opened(url).log("登录", "网页", who="张三")
    database = url.rpartition("/")[2]
    for statement in ("UPDATE audit SET who='别人'", "DELETE FROM audit", "TRUNCATE audit"):
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            postgres.run(statement, database=database)


# ---------------------------------------------------------------------- what goes wrong


def complaint(call: Callable[[], object], kind: type[AssistantError] = LibraryError) -> str:
    """Give what a user is told; neither it nor what caused it may betray the password."""
    with pytest.raises(kind) as caught:
        call()
    error: BaseException | None = caught.value
    while error is not None:
        assert SECRET not in f"{error} {error!r}"
        error = error.__cause__ or error.__context__
    return str(caught.value)


def test_a_waiting_writer_is_told_that_another_is_at_work(
    url: str, opened: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = opened(url)
    monkeypatch.setitem(library_postgres._SERVER_OPTIONS, "lock_timeout", 200)
    second = opened(url)
    with first.writing():
        assert "另一个程序正在写入" in complaint(lambda: put(second, 1), LibraryBusy)
        assert second.notices() == ()  # readers need not wait
    put(second, 1)


def test_more_users_than_connections_wait_and_are_told(
    url: str, opened: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_postgres, "CONNECTIONS", 1)
    monkeypatch.setattr(library_postgres, "CONNECTIONS_AT_PEAK", 1)
    monkeypatch.setattr(library_postgres, "BUSY_TIMEOUT_SECONDS", 0.2)
    library = opened(url)
    with library.reading():
        assert "太多" in complaint(library.revision, LibraryBusy)


def test_a_server_that_restarts_is_found_again(own_cluster: PostgresCluster) -> None:
    library = open_library(NOWHERE, own_cluster.new_database())
    put(library, 1)
    own_cluster.stop()
    for call in (library.notices, lambda: put(library, 2)):
        told = complaint(call)
        assert "连不上" in told
        assert "恢复后无需重启" in told
    own_cluster.start()
    put(library, 2)
    assert len(library.notices()) == 2
    library.close()


def test_a_connection_lost_inside_a_write_leaves_nothing_half(
    url: str, opened: Opening, postgres: PostgresCluster
) -> None:
    library = opened(url)
    put(library, 1)

    def cut_off() -> None:
        with library.writing() as connection:
            connection.exec_driver_sql("DELETE FROM notices")
            postgres.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                f"WHERE datname = '{url.rpartition('/')[2]}' AND state = 'idle in transaction'"
            )
            connection.exec_driver_sql("DELETE FROM sources")

    assert "原有数据不受影响" in complaint(cut_off)
    assert len(library.notices()) == 1


def test_a_server_killed_again_and_again_keeps_whole_what_it_acknowledged(
    own_cluster: PostgresCluster,
) -> None:
    library = open_library(NOWHERE, own_cluster.new_database())
    acknowledged: set[int] = set()
    chance = random.Random(8)

    def write(start: int) -> None:
        with suppress(LibraryError):
            for number in range(start, start + 1000):
                put(library, number, twin=True)
                acknowledged.add(number)

    for round_number in range(8):
        writer = threading.Thread(target=write, args=(1000 * round_number,))
        before = len(acknowledged)
        writer.start()
        wait_for(lambda: len(acknowledged) > before + 1 or not writer.is_alive())  # noqa: B023
        time.sleep(chance.uniform(0.0, 0.3))
        own_cluster.kill()
        writer.join()
        own_cluster.start()
        held = {notice.id for notice in library.notices()}
        assert {f"aaaa{number:04d}" for number in acknowledged} <= held
        firsts = {key[4:] for key in held if key.startswith("aaaa")}
        assert firsts == {key[4:] for key in held if key.startswith("bbbb")}
    assert len(acknowledged) > 8
    library.close()


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("53100", "磁盘已满"),
        ("42501", "权限"),
        ("25006", "只读"),
        ("57014", "等待超时"),
        ("XX001", "XX001"),
    ],
)
def test_what_the_server_reports_is_said_plainly(
    url: str, opened: Opening, postgres: PostgresCluster, state: str, told: str
) -> None:
    library = opened(url)
    database = url.rpartition("/")[2]
    postgres.run(
        "CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION 'x' USING ERRCODE = '{state}'; END $$",
        database=database,
    )
    postgres.run(
        "CREATE TRIGGER failing BEFORE INSERT ON notices EXECUTE FUNCTION fails()",
        database=database,
    )
    assert told in complaint(lambda: put(library, 1))
    postgres.run("DROP TRIGGER failing ON notices", database=database)
    put(library, 1)


def test_a_text_the_server_cannot_hold_is_no_lost_connection(url: str, opened: Opening) -> None:
    desk = Desk(opened(url))
    answer = Answer("问", "答\x00", (), (), Answerable.YES)
    assert "写入失败" in complaint(lambda: desk.save_turn(None, "含\x00的问题", answer))
    desk.save_turn(None, "不含的问题", answer)


def test_an_unknown_database_is_named(postgres: PostgresCluster) -> None:
    assert "没有这个数据库" in complaint(
        lambda: open_library(NOWHERE, postgres.address("elsewhere"))
    )


def test_a_refused_password_is_named_but_not_shown(own_cluster: PostgresCluster) -> None:
    rules = own_cluster.data / "pg_hba.conf"
    own_cluster.run("ALTER ROLE office PASSWORD 'another'")
    rules.write_text("host all all 127.0.0.1/32 scram-sha-256\n", encoding="utf-8")
    own_cluster.run("SELECT pg_reload_conf()")
    wait_for(lambda: _is_refused(own_cluster))  # rules read anew hold a moment later
    told = complaint(lambda: open_library(NOWHERE, own_cluster.address("postgres")))
    assert "用户名或密码" in told
    assert f"127.0.0.1:{own_cluster.port}/postgres" in told


def _is_refused(cluster: PostgresCluster) -> bool:
    try:
        psycopg.connect(cluster.address("postgres")).close()
    except psycopg.OperationalError:
        return True
    return False


def test_a_server_that_is_not_there_is_named(home: Path) -> None:
    told = complaint(lambda: open_library(home, f"postgresql://a:{SECRET}@127.0.0.1:9/office"))
    assert "连不上" in told
    assert "127.0.0.1:9/office" in told


# ---------------------------------------------------------------------- the address


@pytest.mark.parametrize(
    "address",
    [
        f"mysql://a:{SECRET}@127.0.0.1/office",
        f"postgresql://a:{SECRET}@ss@127.0.0.1/office",
        f"postgresql://a:{SECRET}/ss@127.0.0.1/office",
        f"postgresql://a:{SECRET}#ss@127.0.0.1/office",
        f"postgresql://a:{SECRET}@127.0.0.1/",
        f"postgresql://a:{SECRET}@127.0.0.1:port/office",
        f"postgresql://a:{SECRET}@127.0.0.1/office?hostaddr=203.0.113.9",
        f"postgresql://a:{SECRET}@127.0.0.1/office?host=203.0.113.9",
        f"postgresql://a:{SECRET}@127.0.0.1/office?service=other",
        f"postgresql://a:{SECRET}@127.0.0.1,203.0.113.9/office",
        f"postgresql://a:{SECRET}@127.0.0.1/host=203.0.113.9",
    ],
)
def test_an_address_that_cannot_be_trusted_is_refused_and_not_shown(address: str) -> None:
    assert "写法不对" in complaint(lambda: open_library(NOWHERE, address), SettingsError)


def test_the_setting_takes_a_plain_address_and_hides_the_password(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHENGGAI_DATABASE_URL", f"postgresql://a:{SECRET}%40x@10.0.0.5/office")
    settings = load_settings(home=home)
    assert settings.library_url() == f"postgresql+psycopg://a:{SECRET}%40x@10.0.0.5/office"
    assert SECRET not in repr(settings)
    assert SECRET not in settings.model_dump_json()


def test_a_socket_of_this_machine_needs_no_host(postgres: PostgresCluster, opened: Opening) -> None:
    name = postgres.new_database().rpartition("/")[2]
    library = opened(f"postgresql://office@:{postgres.port}/{name}?host={postgres.folder}")
    put(library, 1)
    assert library.overview().notices == 1


def test_a_server_outside_is_refused_in_intranet_mode(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHENGGAI_DATABASE_URL", f"postgresql://a:{SECRET}@db.example.com/office")
    assert "内网模式" in complaint(load_settings(home=home).library_url, SettingsError)
    monkeypatch.setenv("ZHENGGAI_INTRANET_HOSTS", "db.example.com")
    assert load_settings(home=home).library_url().endswith("@db.example.com/office")
