"""What no document can tell a fuzzer."""

import schemathesis


@schemathesis.hook
def map_case(context, case):
    """A valid request has no cursor: they are sealed, so nobody can make one up. Invalid requests have them."""
    if case.query and "cursor" in case.query and case.meta and case.meta.generation.mode.is_positive:
        del case.query["cursor"]
    return case
