"""Writes into the guides what the contract says and what a story told by the services answers: `python -m docs`."""

from docs import bulk, integrators, markdown, queries, story


def main() -> None:
    """Rewrite the guides."""
    with story.services() as client:
        told = story.parts(client)
        asked = queries.parts()
    guides = (
        (integrators.GUIDE, integrators.PARTS),
        (bulk.GUIDE, bulk.PARTS | told),
        (queries.GUIDE, asked),
    )
    for guide, parts in guides:
        guide.write_text(markdown.written(guide.read_text(), parts))


if __name__ == "__main__":
    main()
