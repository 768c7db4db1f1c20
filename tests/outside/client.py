"""A small program on the generated client: signs in, lists events page by page, registers for one, gives it up."""

import sys
from collections.abc import Iterator
from uuid import UUID

from homecoming_client import AuthenticatedClient, Client
from homecoming_client.api.accounts import create_token, read_me
from homecoming_client.api.events import create_registration, delete_registration, list_events
from homecoming_client.models import (
    Event,
    EventStatus,
    NewRegistration,
    PageEvent,
    Registration,
    TokenPair,
    TokenRequestType0,
    TokenRequestType0GrantType,
)
from homecoming_client.types import UNSET


def sign_in(address: str, email: str) -> AuthenticatedClient:
    body = TokenRequestType0(TokenRequestType0GrantType.PASSWORD, "homecoming-demo", email=email)
    tokens = create_token.sync(client=Client(address), body=body)
    assert isinstance(tokens, TokenPair), tokens
    return AuthenticatedClient(address, tokens.access_token)


def published(client: AuthenticatedClient) -> Iterator[Event]:
    cursor: str | None = None
    while True:
        page = list_events.sync(client=client, status=[EventStatus.PUBLISHED], limit=3, cursor=cursor or UNSET)
        assert isinstance(page, PageEvent), page
        yield from page.items
        cursor = page.next_
        if cursor is None:
            return


def register(client: AuthenticatedClient, event: UUID) -> Registration | None:
    answer = create_registration.sync(event, client=client, body=NewRegistration(), idempotency_key=f"python-{event}")
    return answer if isinstance(answer, Registration) else None


def main() -> None:
    client = sign_in(sys.argv[1], "alumnus3@demo.example")
    events = list(published(client))
    assert len({event.id for event in events}) == len(events), "an event came twice"
    free = (event.id for event in events if not event.questions)
    mine = next((made for made in (register(client, event) for event in free) if made), None)
    assert mine, "no event took the registration"
    me = read_me.sync(client=client)
    assert mine.name == me.name, me
    gone = delete_registration.sync_detailed(mine.id, client=client)
    assert gone.status_code == 204, gone
    print(f"{len(events)} events; {mine.name}: {mine.status}, {mine.queue_position or 'has seats'}; given up")


if __name__ == "__main__":
    main()
