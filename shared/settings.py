"""What a deployment decides, read from its environment when first needed, never at import."""

import os


def table_name() -> str:
    """The one table."""
    return os.environ["TABLE_NAME"]


def environment() -> str:
    """preprod or prod; a token of the other one is refused unread."""
    return os.environ["SIGEC_ENVIRONMENT"]


def liquidation_ceiling() -> bool:
    """Whether an act's live liquidations must stay within its value (note to use case 3)."""
    return os.environ.get("LIQUIDATION_CEILING") != "off"
