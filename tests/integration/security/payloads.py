"""What a patient's name, message or file may hold to do harm: 200 and more, by what they are for.

A script that runs sets `window.ran`; a template that is evaluated shows EVALUATED.
"""

RAN = "window.ran=1"
SUM, EVALUATED = "191*7907", "1510237"
_EVENTS = (
    *("onerror", "onload", "onclick", "onmouseover", "onfocus", "onblur", "ontoggle", "onstart"),
    *("onbegin", "onanimationstart", "onpointerenter", "onpageshow", "onhashchange", "oncut"),
    *("onpaste", "onwheel", "onscroll", "onresize", "onbeforetoggle", "onscrollend"),
)
_TAGS = (
    *("img src=x", "svg", "body", "details open", "input autofocus", "video src=x", "audio src=x"),
    *("iframe", "marquee", "object data=x"),
)
TAGS = tuple(f"<{tag} {event}={RAN}>" for tag in _TAGS for event in _EVENTS[:12])
QUOTES = tuple(
    f"{quote} {event}={RAN} autofocus x={quote}" for quote in "'\"`" for event in _EVENTS
)
SCRIPTS = (
    f"<script>{RAN}</script>",
    f"</script><script>{RAN}</script>",
    f"</title><script>{RAN}</script>",
    f"</textarea><script>{RAN}</script>",
    f"</style><script>{RAN}</script>",
    f"--><script>{RAN}</script>",
    f"]]><script>{RAN}</script>",
    f"<scr<script>ipt>{RAN}</scr</script>ipt>",
    f"<SCRIPT/x>{RAN}</SCRIPT>",
    f"<svg><script>{RAN}</script></svg>",
    f"<math><mtext><script>{RAN}</script>",
    f"<template><script>{RAN}</script></template>",
    f"\uff1cscript\uff1e{RAN}\uff1c/script\uff1e",
    f"&lt;script&gt;{RAN}&lt;/script&gt;",
    f"&#60;script&#62;{RAN}&#60;/script&#62;",
    f"<a href=javascript:{RAN}>x</a>",
    f"<a href='java\tscript:{RAN}'>x</a>",
    f"javascript:{RAN}",
    f"[x](javascript:{RAN})",
    f"![x](x' onerror={RAN})",
    f"<form action=javascript:{RAN}><button>x</button></form>",
    f"<base href=javascript:{RAN}//>",
    f"<meta http-equiv=refresh content='0;url=javascript:{RAN}'>",
    "<style>*{display:none}</style>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    f"<div hx-on:load={RAN} hx-get=/today hx-trigger=load>",
    f"<div x-data x-init={RAN}>",
    "<b>bold</b><a href='https://evil.example'>x</a>",
)
TEMPLATES = (
    f"{{{{{SUM}}}}}",
    f"${{{SUM}}}",
    f"#{{{SUM}}}",
    f"<%= {SUM} %>",
    f"{{%if {SUM}%}}x{{%endif%}}",
    f"{{{SUM}}}",
    f"[[{SUM}]]",
    "{0.__class__.__mro__}",
    "{name.__class__}",
    "%(name)s %n %s %x",
    "{patient.name}{visit.at}",
    "$(id)`id`",
)
FORMULAS = (
    *("=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "\n=1+1", "=HYPERLINK(0)"),
    *("=cmd|' /C calc'!A0", "＝1+1", "＋1+1", "－1+1", "＠SUM(1)", "\0=1+1", " =1+1"),
)
SIGNS = (
    *(
        "\u202eevil\u202c",
        "\u2066x\u2069",
        "\ufeffx",
        "a\u0000b",
        "e\u0301\u0301\u0301",
        "👩‍👩‍👧‍👦",
    ),
    *("\r\nBCC: evil@example.jp", "x\r\n\r\n<html>", "\r\nATTENDEE:mailto:evil@example.jp"),
    *(
        "'; drop table patient; --",
        "\\x00\\u0000",
        "_*[]()~`>#+-=|{}.!",
        "<tg-spoiler>x</tg-spoiler>",
    ),
)
PAYLOADS = (*TAGS, *QUOTES, *SCRIPTS, *TEMPLATES, *FORMULAS, *SIGNS)
# One of each for a place that holds one text only. At most 80 characters.
POLYGLOTS = (
    f"\"'><svg onload={RAN}></title><script>{RAN}</script>{{{{{SUM}}}}}",
    f"=1+1\"' autofocus onfocus={RAN} x='<img src=x onerror={RAN}>",
)
