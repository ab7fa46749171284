"""A token's shape, and that a mistyped or foreign one is refused by its text alone: TABLE_NAME is not even set."""

import itertools
import re
import string
import zlib

import pytest

from shared import auth, retry, tokens
from shared.models import Row
from shared.rejection import Rejection

SHAPE = re.compile(r"^sgc_(pre|prod)_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}(?!\n)$")
BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
TYPED = string.printable + "ñÁ٣Ａ\x00"  # letters and digits that only look right among them
ENVIRONMENTS = ("preprod", "prod")


@pytest.fixture(params=ENVIRONMENTS)
def environment(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A deployment of one environment, in which any read fails for want of a table."""
    name: str = request.param
    monkeypatch.setenv("SIGEC_ENVIRONMENT", name)
    monkeypatch.delenv("TABLE_NAME", raising=False)
    return name


def _is_refused(token: str) -> bool:
    try:
        auth.caller_of(token, retry.deadline())
    except Rejection as rejection:
        return [finding.rule for finding in rejection.findings] == ["token-invalid"]
    return False


def test_a_token_has_the_documented_shape(environment: str) -> None:
    """A token is the environment's prefix, 32 random base62 characters, an underscore and 6 base62 ones."""
    token = tokens.draw(environment)
    assert SHAPE.match(token)
    assert token.startswith({"preprod": "sgc_pre_", "prod": "sgc_prod_"}[environment])
    assert tokens.is_well_formed(token, environment)


def test_the_end_of_a_token_is_the_checksum_of_the_rest(environment: str) -> None:
    """The last six characters are the CRC-32 of all that precedes the last underscore, in base62."""
    body, check = tokens.draw(environment).rsplit("_", 1)
    number = 0
    for character in check:
        number = number * 62 + BASE62.index(character)
    assert number == zlib.crc32(body.encode())


def test_tokens_in_use_stay_valid() -> None:
    """A token issued by the first release is well formed in every later one."""
    assert tokens.is_well_formed("sgc_pre_0123456789ABCDEFGHIJabcdefghijxy_3ugUpm", "preprod")
    assert tokens.is_well_formed("sgc_prod_0123456789ABCDEFGHIJabcdefghijxy_4YwCwZ", "prod")


def test_no_two_draws_are_equal(environment: str) -> None:
    """A thousand draws give a thousand random parts, and every base62 character occurs."""
    drawn = {tokens.draw(environment).split("_")[2] for _ in range(1000)}
    assert len(drawn) == 1000
    assert set("".join(drawn)) == set(BASE62)


def test_a_well_formed_token_would_be_read(environment: str) -> None:
    """The tests below mean something: a right token of this environment goes past its text, to the missing table."""
    with pytest.raises(KeyError, match="TABLE_NAME"):
        auth.caller_of(tokens.draw(environment), retry.deadline())


def test_every_changed_character_is_told_by_the_text(environment: str) -> None:
    """Whichever character is replaced by any other, the token is refused without a read."""
    token = tokens.draw(environment)
    for place, right in enumerate(token):
        for wrong in TYPED:
            if wrong != right:
                assert _is_refused(token[:place] + wrong + token[place + 1 :]), (place, wrong)


def test_every_swap_of_neighbours_is_told_by_the_text(environment: str) -> None:
    """Whichever two different neighbours are swapped, the token is refused without a read."""
    for token in (tokens.draw(environment) for _ in range(20)):
        for place, (one, two) in enumerate(itertools.pairwise(token)):
            if one != two:
                assert _is_refused(token[:place] + two + one + token[place + 2 :]), (token, place)


def test_every_lost_or_added_character_is_told_by_the_text(environment: str) -> None:
    """A token with a character lost anywhere, or one added anywhere (a line's end included), is refused unread."""
    token = tokens.draw(environment)
    for place in range(len(token) + 1):
        assert place == len(token) or _is_refused(token[:place] + token[place + 1 :]), place
        for extra in TYPED:
            assert _is_refused(token[:place] + extra + token[place:]), (place, extra)


def test_a_token_of_the_other_environment_is_told_by_the_text(environment: str) -> None:
    """A right token of the other environment is refused without a read, also with this one's prefix put on it."""
    (other,) = set(ENVIRONMENTS) - {environment}
    token = tokens.draw(other)
    assert _is_refused(token)
    assert _is_refused(token.replace(tokens.PREFIXES[other], tokens.PREFIXES[environment]))


@pytest.mark.parametrize(
    "text", ["", "_", "sgc_pre_", "sgc_prod_", "eyJhbGciOiJIUzI1NiJ9.e30.x", "sgc_" * 10_000, "ñ" * 47]
)
def test_what_is_no_token_at_all_is_told_by_the_text(environment: str, text: str) -> None:
    """Text that resembles no token is refused without a read."""
    del environment
    assert _is_refused(text)


def test_a_token_that_nobody_was_given_is_refused_after_one_read(table: str) -> None:
    """A well-formed token that was never issued costs one GetItem and is refused."""
    reads: list[str] = []
    events = Row.connection().client.meta.events
    events.register("before-call.dynamodb", lambda model, **_: reads.append(model.name), unique_id=table)
    try:
        assert _is_refused(tokens.draw("preprod"))
    finally:
        events.unregister("before-call.dynamodb", unique_id=table)
    assert reads == ["GetItem"]
