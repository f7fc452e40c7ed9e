"""Parts of the panel that are looked at by themselves: asked for now, and what became of it."""

from playwright.async_api import Page


async def ask(page: Page, part: str) -> None:
    """Have a part looked at, whatever is known of it: the server tells all of it."""
    await page.evaluate(
        """id => {
             const part = document.getElementById(id);
             const path = part.getAttribute("hx-get").replace(/seen=[^&]*/, "seen=");
             part.setAttribute("hx-get", path);
             part.dispatchEvent(new Event("live"));
           }""",
        part,
    )


async def replaced(page: Page, part: str) -> None:
    """Have a part replaced by what the server says now."""
    old = await page.evaluate_handle("id => document.getElementById(id)", part)
    await ask(page, part)
    await page.wait_for_function(
        """([id, old]) => {
             const now = document.getElementById(id);
             return now !== old && !now.matches(".htmx-added");
           }""",
        arg=[part, old],
    )


async def only_when_told(page: Page) -> None:
    """From now on the page asks for nothing merely because time passes."""
    await page.evaluate(
        'addEventListener("every", event => event.stopImmediatePropagation(), true)'
    )


async def note_answers(page: Page) -> None:
    """Count the answers to what the parts ask, in `window.answers` by the id of the part."""
    await page.evaluate(
        """() => {
             window.answers = {};
             for (const kind of ["htmx:finally:request", "htmx:before:settle"]) {
               document.addEventListener(kind, ({ detail }) => {
                 const id = (detail.ctx ?? detail.task).sourceElement.id;
                 window.answers[id] = (window.answers[id] ?? 0) + 1;
               });
             }
           }"""
    )


async def answered(page: Page, part: str) -> None:
    """The answer to what a part asked has come, and was shown or thrown away."""
    await page.wait_for_function("id => window.answers[id] > 0", arg=part, polling=20)
