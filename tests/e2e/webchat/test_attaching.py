"""Sending a picture or a file in a real browser."""

from pathlib import Path

import pytest
from playwright.async_api import FilePayload, Page, expect

from bot.channels.channel import MediaReceived
from bot.channels.webchat import upload
from bot.channels.webchat.parse import parse
from tests.channels.webchat.backend import MemoryBackend
from tests.channels.webchat.files import HTML, png
from tests.e2e.browser import violations
from tests.e2e.webchat.talk import LANGUAGES, begin, lines, say

pytestmark = pytest.mark.browser
PHOTO = FilePayload(name="rash.png", mimeType="image/png", buffer=png())


async def choose(page: Page, file: FilePayload | Path) -> None:
    """As a patient does: the button, then what the system's own chooser gives."""
    await page.click("#attach")
    async with page.expect_file_chooser() as chooser:
        await page.click("#choose_file")
    await (await chooser.value).set_files(file)


async def test_a_picture_is_sent_and_seen_and_still_told_of_after_a_reload(
    page: Page, url: str, backend: MemoryBackend
) -> None:
    await begin(page, url, backend)
    await choose(page, PHOTO)
    content = parse((await backend.event(2)).payload).content
    assert isinstance(content, MediaReceived)
    assert (content.kind, content.content_type) == ("image", "image/png")
    ((_, _, stored),) = backend.files.values()
    assert stored == png()
    await expect(lines(page, "patient")).to_have_text(["写真, 0.1 MB"])
    await expect(page.locator(".preview")).to_be_visible()
    width = await page.locator(".preview").evaluate("async img => (await img.decode(), img.width)")
    assert width == 8
    await expect(page.locator("#attaching")).to_be_hidden()
    await page.reload()
    await expect(lines(page, "patient")).to_have_text(["写真, 0.1 MB"])


async def test_a_picture_without_connection_is_kept_over_a_reload_and_sent_once(
    page: Page, url: str, backend: MemoryBackend
) -> None:
    await begin(page, url, backend)
    backend.down = True
    await choose(page, PHOTO)
    await expect(lines(page, "patient")).to_have_count(1)
    await say(page, "これです")
    await expect(page.locator(".line .state").last).to_have_text("送信待ち")
    await page.reload()
    await expect(lines(page, "patient")).to_have_text(["写真, 0.1 MB", "これです"])
    backend.down = False
    await page.evaluate("dispatchEvent(new Event('online'))")
    await backend.event(3)
    await expect(page.locator(".line[data-state]:not([data-state=''])")).to_have_count(0)
    assert [content for _, _, content in backend.files.values()] == [png()]
    kinds = [type(parse(one.payload).content).__name__ for one in backend.tries[1:]]
    assert kinds == ["MediaReceived", "TextReceived"]
    left = await page.evaluate(
        """() => new Promise(done => { const o = indexedDB.open('kayoi.chat', 1);
        o.onsuccess = () => {
          const all = o.result.transaction('files').objectStore('files').count();
          all.onsuccess = () => { o.result.close(); done(all.result); }; }; })"""
    )
    assert left == 0


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_cannot_be_sent_is_said_in_the_patients_language(
    page: Page, url: str, backend: MemoryBackend, language: str, tmp_path: Path
) -> None:
    await begin(page, url, backend)
    await page.select_option("#language", language)
    words = await page.evaluate(
        "async language => (await import('./chat/static/texts.js')).TEXTS[language]", language
    )
    large = tmp_path / "a.png"
    large.write_bytes(bytes(upload.MOST + 1))
    page_file = FilePayload(name="a.jpg", mimeType="image/jpeg", buffer=HTML)
    empty = FilePayload(name="a.jpg", mimeType="image/jpeg", buffer=b"")
    for file, why in ((large, "file_large"), (page_file, "file_kind"), (empty, "file_empty")):
        await choose(page, file)
        said = f"{words['failed']} {words[why]}"
        await expect(page.locator("#alarm")).to_have_text(said)  # is read out at once
        line = page.locator(".line[data-state=failed]")
        await expect(line.locator(".state")).to_contain_text(said)
        await line.get_by_role("button").click()
        await expect(line).to_have_count(0)
    assert backend.files == {}
    await say(page, "次")
    await backend.event(2)


async def test_the_way_to_a_picture_works_by_keyboard_and_gives_focus_back(
    page: Page, url: str, backend: MemoryBackend
) -> None:
    await begin(page, url, backend)
    await page.focus("#words")
    await page.keyboard.press("Shift+Tab")
    await expect(page.get_by_role("button", name="写真・ファイル")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog", name="写真やファイルを送る")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("#attach")).to_be_focused()


async def test_a_telephone_offers_its_camera(page: Page, url: str, backend: MemoryBackend) -> None:
    await begin(page, url, backend)
    camera = page.locator("#camera")
    await expect(camera).to_have_attribute("capture", "environment")
    await expect(camera).to_have_attribute("accept", "image/*")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_dialogue_about_files_fits_a_small_phone_and_breaks_no_rule_of_access(
    page: Page, url: str, backend: MemoryBackend, language: str
) -> None:
    await begin(page, url, backend)
    await choose(page, PHOTO)
    await backend.event(2)
    await page.select_option("#language", language)
    await page.click("#attach")
    for element in ("html", "#attaching"):
        inside = await page.locator(element).evaluate("e => e.scrollWidth <= e.clientWidth")
        assert inside, element
    assert await violations(page) == []
