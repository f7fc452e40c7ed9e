"""What is empty for the whole clinic stops the start; what some patients lack leaves them out."""

from dataclasses import replace

import pytest

from clinic.campaign import service
from clinic.campaign.types import Campaign, Fault
from tests.integration.campaigns.clinic import Clinic

CALL = {"texts": {"ja": "{name}様、{phone} までお電話ください。"}}


def furnished(clinic: Clinic, **values: str) -> None:
    """The clinic with other values of its own."""
    settings = clinic.env.settings
    own = settings.clinic.model_copy(update=values)
    clinic.env = replace(clinic.env, settings=settings.model_copy(update={"clinic": own}))


@pytest.mark.parametrize("name", ["phone", "clinic"])
async def test_a_value_that_the_clinic_lacks_stops_the_start(clinic: Clinic, name: str) -> None:
    await clinic.patient()
    furnished(clinic, **{"phone": "03-1234-5678", {"clinic": "name"}.get(name, name): ""})
    made = await clinic.create(content={"texts": {"ja": f"{{name}}様、{{{name}}}です。"}})
    fault = Fault("content.variants.0.texts.ja", f"empty_{name}")
    assert (await clinic.preview(made)).faults == (fault,)
    async with clinic.env.database.transaction() as tx:
        begun = await service.start(
            tx, clinic.env.keys, clinic.env.settings, made.id, made.version, None
        )
    assert begun == (fault,)
    assert await clinic.state(made) == "draft"


async def test_once_it_is_set_the_start_is_free(clinic: Clinic) -> None:
    await clinic.patient()
    furnished(clinic, phone="03-1234-5678")
    made = await clinic.create(content=CALL)
    assert (await clinic.preview(made)).faults == ()
    async with clinic.env.database.transaction() as tx:
        begun = await service.start(
            tx, clinic.env.keys, clinic.env.settings, made.id, made.version, None
        )
    assert isinstance(begun, Campaign)


async def test_the_dry_run_tells_how_many_lack_which_value(clinic: Clinic) -> None:
    await clinic.patient()
    await clinic.patient(name="シェール")
    await clinic.patient(name="プリンス")
    made = await clinic.create(content={"texts": {"ja": "{family_name}様"}})
    seen = await clinic.preview(made)
    assert (seen.go, seen.left_out, seen.lacks) == (1, {"no_text": 2}, {"family_name": 2})
    assert seen.faults == ()  # for some there is nothing to say; the others get theirs
