"""Coming into the panel as a person does."""

from playwright.async_api import Page

from clinic.staff.types import Role, Staff
from tests.integration.admin.house import House


async def sign_in(page: Page, house: House, address: str, who: Role | Staff = Role.STAFF) -> None:
    """By a one-time link: as somebody, or as somebody new in a role."""
    staff = who if isinstance(who, Staff) else await house.staff("Yamada", who)
    await page.goto(f"{address}/sign-in?token={await house.link(staff)}")
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/today")
