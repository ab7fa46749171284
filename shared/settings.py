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


def base_url() -> str:
    """Where the public reaches the services, if not where the contract says."""
    return os.environ.get("BASE_URL", "")


def certificate_keys() -> list[str]:
    """Ids of the keys of KMS whose signatures certificates bear: the first signs, the others have signed."""
    return os.environ["CERTIFICATE_KEYS"].split(",")


def bucket_name() -> str:
    """The bucket of files: of bulk loads, and certificates."""
    return os.environ["BUCKET_NAME"]


def files_queue() -> str:
    """URL of the queue of files: those that arrived, and those whose results are due."""
    return os.environ["FILES_QUEUE"]


def reports_queue() -> str:
    """URL of the queue of reports to make."""
    return os.environ["REPORTS_QUEUE"]


def lanes_queue() -> str:
    """URL of the queue of lanes of rows to register."""
    return os.environ["LANES_QUEUE"]


def most_receives() -> int:
    """How often a message is delivered before it ends in the dead-letter queue."""
    return int(os.environ["MOST_RECEIVES"])


def public_step() -> float:
    """Seconds: an answer to the public comes after a whole number of them; 0 comes at once."""
    return int(os.environ["PUBLIC_STEP_MILLISECONDS"]) / 1000
