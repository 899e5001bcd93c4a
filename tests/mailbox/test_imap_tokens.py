"""Signing in with tokens against Dovecot's own check of signed tokens: good, expired, forged and another's."""

import json
import logging
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from urllib.parse import parse_qs

import pytest
import trustme

from tests.components import require
from triage_mailbox.accounts import ImapAccount, ImapTimeouts, Secret, open_source
from triage_mailbox.errors import NotReachedError, SettingError, TokenRefusedError
from triage_mailbox.messages import FolderRole
from triage_mailbox.oauth import (
    Issued,
    IssuedTokens,
    TokenFile,
    from_command,
    from_endpoint,
    from_microsoft,
    oauthbearer,
    xoauth2,
)
from triage_mailbox.testing import DovecotServer, MemoryLedger, RecordingProxy, build_mail
from triage_mailbox.testing.ledger import NOW

pytestmark = pytest.mark.dovecot


class Given:
    """Tokens handed out one after the other; the last for ever."""

    def __init__(self, *tokens):
        self._tokens = list(tokens)
        self.asked = []

    def token(self, *, fresh=False):
        self.asked.append(fresh)
        if fresh and len(self._tokens) > 1:
            self._tokens.pop(0)
        return self._tokens[0]


def account(server, user, tokens, **options):
    given = {
        "name": "help",
        "host": "localhost",
        "port": server.port,
        "user": user,
        "tokens": tokens,
        "folders": (("INBOX", FolderRole.INBOX),),
        "ca_file": str(server.ca_file),
        "timeouts": ImapTimeouts(connect=10, read=10, command=20, round=60),
    }
    return ImapAccount(**given | options)


def problem_of(server, user, tokens, **options):
    report = open_source(account(server, user, tokens, **options)).poll(MemoryLedger(), NOW)
    return report.folders[0].problem


def test_a_good_token_signs_in(dovecot, user):
    dovecot.append(build_mail(), "INBOX", user)
    ledger = MemoryLedger()
    tokens = Given(dovecot.token_for(user))
    assert open_source(account(dovecot, user, tokens)).poll(ledger, NOW).stored == 1
    assert tokens.asked == [False]


def test_a_token_that_ran_out_is_renewed_once(dovecot, user):
    tokens = Given(dovecot.token_for(user, seconds=-30), dovecot.token_for(user))
    assert problem_of(dovecot, user, tokens) is None
    assert tokens.asked == [False, True]


@pytest.mark.parametrize("kind", ["expired", "forged", "of another user", "no token at all"])
def test_a_token_that_is_not_good_is_refused_after_one_renewal(dovecot, proxy, user, kind):
    bad = {
        "expired": dovecot.token_for(user, seconds=-30),
        "forged": dovecot.token_for(user, key=b"another key of 32 bytes, or more"),
        "of another user": dovecot.token_for("user0@tarnside.example"),
        "no token at all": "nonsense",
    }[kind]
    tokens = Given("first-" + bad, bad)
    report = open_source(account(proxy, user, tokens)).poll(MemoryLedger(), NOW)
    assert report.is_refused
    assert "refused" in report.folders[0].problem
    assert tokens.asked == [False, True]
    assert proxy.verbs.count("AUTHENTICATE") == 2


def test_the_same_token_again_is_not_tried_again(proxy, user):
    assert "refused" in problem_of(proxy, user, Given("nonsense"))
    assert proxy.verbs.count("AUTHENTICATE") == 1


def test_a_server_without_xoauth2_is_asked_with_oauthbearer(user):
    require("dovecot")
    with DovecotServer([(user, "x")], mechanisms="plain oauthbearer") as server:
        assert problem_of(server, user, Given(server.token_for(user))) is None
        assert "refused" in problem_of(server, user, Given(server.token_for(user, seconds=-30)))


def test_a_server_that_takes_no_tokens_is_named(user):
    require("dovecot")
    with DovecotServer([(user, "x")], mechanisms="plain") as server:
        assert "neither XOAUTH2 nor OAUTHBEARER" in problem_of(server, user, Given(server.token_for(user)))


def test_no_token_is_sent_before_tls(dovecot, user):
    strip = lambda answer: answer.replace(b" STARTTLS", b"")  # noqa: E731
    with RecordingProxy(dovecot.plain_port, on_answer=strip, plain=True) as proxy:
        said = problem_of(proxy, user, Given(dovecot.token_for(user)), starttls=True, ca_file=str(dovecot.ca_file))
    assert "STARTTLS" in said
    assert "AUTHENTICATE" not in proxy.verbs


def test_a_token_stands_in_no_log_report_or_repr(dovecot, user, caplog):
    caplog.set_level(logging.DEBUG)
    token = dovecot.token_for(user, key=b"another key of 32 bytes, or more")
    settings = account(dovecot, user, IssuedTokens(lambda: Issued(token=token, seconds=600)))
    report = open_source(settings).poll(MemoryLedger(), NOW)
    shown = caplog.text + repr(report) + repr(settings) + repr(xoauth2(user, token))
    assert report.is_refused
    assert token not in shown
    assert token.split(".")[2] not in shown


def test_an_issued_token_is_kept_until_a_minute_before_its_end():
    issued = iter(
        [Issued(token="one", seconds=600), Issued(token="two", seconds=30), Issued(token="three", seconds=600)]
    )
    tokens = IssuedTokens(lambda: next(issued))
    assert [tokens.token(), tokens.token(), tokens.token(fresh=True), tokens.token()] == ["one", "one", "two", "three"]


def test_a_token_file_is_read_at_each_use(tmp_path):
    (tmp_path / "token").write_text("one\n")
    tokens = TokenFile(tmp_path / "token")
    assert tokens.token() == "one"
    (tmp_path / "token").write_text("two")
    assert tokens.token() == "two"
    (tmp_path / "token").write_text("a b")
    with pytest.raises(TokenRefusedError):
        tokens.token()
    with pytest.raises(SettingError, match="none"):
        TokenFile(tmp_path / "none").token()


def test_a_token_command_is_run_without_a_shell_and_its_failure_told():
    assert from_command((sys.executable, "-c", "print('$HOME')")).token() == "$HOME"
    with pytest.raises(TokenRefusedError, match="code 3"):
        from_command((sys.executable, "-c", "raise SystemExit(3)")).token()
    with pytest.raises(SettingError):
        from_command(("/no/such/program",)).token()
    with pytest.raises(NotReachedError, match="longer"):
        from_command((sys.executable, "-c", "import time; time.sleep(9)"), seconds=0.3).token()


@pytest.fixture
def endpoint(tmp_path):
    """An https token endpoint on loopback: (url, its authority's file, what was posted, what it answers)."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    posted, answer = [], {"status": 200, "body": {"access_token": "fresh", "expires_in": 3600}}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            posted.append(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self.send_response(answer["status"])
            self.send_header("Location", "https://elsewhere.example/")
            self.end_headers()
            self.wfile.write(json.dumps(answer["body"]).encode())

        def log_message(self, *_):
            return None

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://localhost:{server.server_port}/token", str(tmp_path / "ca.pem"), posted, answer
    server.shutdown()
    server.server_close()


def test_a_refresh_token_is_posted_and_the_access_token_kept(endpoint):
    url, ca_file, posted, _ = endpoint
    fields = {"grant_type": "refresh_token", "client_id": "app", "refresh_token": Secret.of("long-lived")}
    tokens = from_endpoint(url, fields, ca_file=ca_file)
    assert [tokens.token(), tokens.token()] == ["fresh", "fresh"]
    assert posted == [{"grant_type": ["refresh_token"], "client_id": ["app"], "refresh_token": ["long-lived"]}]


def test_an_endpoint_that_is_not_verified_gets_no_secret(endpoint):
    url, _, posted, _ = endpoint
    with pytest.raises(NotReachedError, match="no secret was sent"):
        from_endpoint(url, {"client_secret": Secret.of("hush")}).token()
    assert posted == []
    with pytest.raises(SettingError, match="https"):
        from_endpoint("http://localhost/token", {})


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"error": "invalid_grant"}, TokenRefusedError),
        (302, {"error": "moved"}, TokenRefusedError),
        (200, ["no", "mapping"], TokenRefusedError),
        (200, {"access_token": "a\r\nb"}, TokenRefusedError),
        (503, {}, NotReachedError),
        (429, {}, NotReachedError),
    ],
)
def test_an_endpoint_that_gives_no_token_is_told_apart(endpoint, status, body, error):
    url, ca_file, posted, answer = endpoint
    answer |= {"status": status, "body": body}
    with pytest.raises(error) as told:
        from_endpoint(url, {"client_secret": Secret.of("hush")}, ca_file=ca_file).token()
    assert len(posted) == 1
    assert "hush" not in str(told.value)


def _microsoft(answer):
    """Stands in for msal: what it was built with, and what it gives."""
    built = []

    class App:
        def __init__(self, client_id, **options):
            built.append((client_id, options))

        def acquire_token_for_client(self, scopes):
            built.append(scopes)
            return answer

    return SimpleNamespace(ConfidentialClientApplication=App), built


def test_microsoft_is_asked_by_client_credentials():
    library, built = _microsoft({"access_token": "fresh", "expires_in": 3599})
    tokens = from_microsoft("tarnside.example", "app-id", Secret.of("hush"), msal=library)
    assert tokens.token() == "fresh"
    assert built[0][1]["authority"] == "https://login.microsoftonline.com/tarnside.example"
    assert built[1] == ["https://outlook.office365.com/.default"]


def test_microsofts_refusal_names_its_code_and_no_secret():
    library, _ = _microsoft({"error": "invalid_client", "error_description": "secret hush is wrong"})
    with pytest.raises(TokenRefusedError, match="invalid_client") as told:
        from_microsoft("t", "app-id", Secret.of("hush"), msal=library).token()
    assert "hush" not in str(told.value)


def test_without_msal_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "msal", None)
    with pytest.raises(SettingError, match=r"triage\[oauth\]"):
        from_microsoft("t", "app-id", Secret.of("x")).token()


def test_an_account_signs_in_one_way(dovecot, user):
    with pytest.raises(SettingError, match="either"):
        account(dovecot, user, None)
    with pytest.raises(SettingError, match="either"):
        account(dovecot, user, Given("x"), password=Secret.of("y"))


def test_a_comma_in_a_name_does_not_end_it():
    assert oauthbearer("a=b,c", "t", "h", 993)(b"").startswith(b"n,a=a=3Db=2Cc,\x01host=h\x01port=993\x01")
