"""Whatever patients write and staff name things, other systems hear of it by ids alone (R26)."""

from operator import itemgetter

import pytest

from bot.environment import Environment
from clinic.booking import service as booking
from tests.integration.booking.clinic import make
from tests.integration.booking.deeds import hold
from tests.integration.security.payloads import EVALUATED, PAYLOADS
from tests.integration.webhooks.receiver import EVERYTHING, Receiver, Teller

pytestmark = pytest.mark.server
HEADERS = {
    *("webhook-id", "webhook-timestamp", "webhook-signature", "content-type", "content-length"),
    *("host", "accept", "accept-encoding", "user-agent", "connection"),
}
WORDS = tuple(one.replace("\0", "") for one in PAYLOADS)
AT_ONCE = 20  # events that are delivered in one go


async def test_no_word_of_the_corpus_leaves_by_a_webhook(
    env: Environment, receiver: Receiver
) -> None:
    teller, clinic = Teller(env), await make(env.database)
    _, secret = await teller.add(receiver.url, EVERYTHING)
    slot = (await clinic.slots())[0]
    wanted: list[dict[str, int]] = []
    for number, words in enumerate(WORDS):
        await teller.rows("update patient set name = $1, kana = $1", words)
        await teller.rows("update service set name = jsonb_build_object('en', $1::text)", words)
        await teller.rows("update webhook_endpoint set name = left($1, 40)", words)
        held = await hold(clinic, slot)
        assert not isinstance(held, str)
        async with clinic.db.transaction() as tx:
            visit = await booking.book_held(tx, clinic.actor(), held.appointment_id, words)
            await booking.cancel_visit(tx, clinic.actor(), visit.id, visit.version, words[:64])
        wanted += [{"appointment_id": visit.id, "patient_id": clinic.patients[0]}] * 2
        if number % (AT_ONCE // 2) == 0 or number == len(WORDS) - 1:
            while await teller.deliver():
                pass
    told = [heard.said["data"] for heard in receiver.heard]
    assert sorted(told, key=itemgetter("appointment_id")) == wanted
    for heard in receiver.heard:
        assert set(heard.said) == {"id", "type", "created_at", "data"}
        assert set(heard.headers) <= HEADERS
        assert heard.headers["content-type"] == "application/json"
        assert heard.signed_by(secret)
        assert EVALUATED.encode() not in heard.body
