"""Who takes back their consent just when a message of their own is begun does not get it."""

import pytest

from tests.integration.sending.conftest import House, user

pytestmark = pytest.mark.server
OPTS_OUT = "update chat_account set opted_out_at = now() where id = $1"
WITHDRAWS = """
  with said as (insert into consent (account_id, purpose, notice_version, given)
                values ($1, 'care', '2.1', false))
  update chat_account set language = language where id = $1
"""


@pytest.mark.parametrize("deed", [OPTS_OUT, WITHDRAWS])
async def test_what_was_said_while_the_gate_waited_counts(house: House, deed: str) -> None:
    campaign = await house.campaign()
    recipients = await house.people(campaign, range(3))
    await house.queue(recipients)
    account = await house.value("select account_id from recipient where id = $1", recipients[0])
    await house.sweep_behind(deed, account)
    assert sorted(house.received()) == sorted(user(n) for n in range(1, 3))
    assert await house.states(campaign) == {"sent": 2, "skipped": 1}
