"""A notice that changes asks again whoever agreed to an older one."""

from clinic.setting.live import LiveSettings
from clinic.setting.service import save
from clinic.staff.service import add_staff
from clinic.staff.types import Role, Staff
from tests.integration.turns.rig import Rig


async def test_a_changed_notice_is_shown_and_agreed_to_anew(rig: Rig) -> None:
    patient = rig.patient()
    settings = rig.env.settings
    live = LiveSettings(settings)
    patient.language = "en"
    await patient.starts()
    await patient.presses("I agree")
    before = settings.clinic.notice_in_force
    assert "May " not in await patient.says("menu")
    async with rig.env.database.transaction() as tx:
        chief = await add_staff(tx, "chief", Role.ADMIN)
        assert isinstance(chief, Staff)
        words = {"en": "Ask {clinic} at {phone}."}
        wanted = {"clinic.own_notice": words, "clinic.own_greeting": {"en": "Hello, {clinic}!"}}
        await save(tx, chief, settings, wanted, frozenset(), 0)
        await live.refresh(tx)
    settings.become(live.settings)
    shown = await patient.says("menu")
    assert f"Ask {settings.clinic.name} at {settings.clinic.phone}" in shown
    await patient.presses("I agree")
    versions = await rig.rows(
        "select notice_version from consent where purpose = 'messages' order by id"
    )
    assert versions == [(before,), (settings.clinic.notice_in_force,)]
    assert before != settings.clinic.notice_in_force
    assert f"Hello, {settings.clinic.name}!" in await rig.patient("b").starts()
