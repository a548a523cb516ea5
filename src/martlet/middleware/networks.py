"""Networks of proxies: whose word about a request is taken."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, TypeAlias

from martlet.http.grammar import excerpt

Network: TypeAlias = str | IPv4Network | IPv6Network | IPv4Address | IPv6Address

MOST_REMEMBERED: Final = 1_024  # addresses whose answer is kept; proxies are few, and their number is what matters
LONGEST_ADDRESS: Final = 64  # characters, with a zone; nothing longer is remembered or even read
UNIX: Final = "unix"


class Networks:
    """A set of addresses, asked by `hold`; frozen once it is made, and false when it is empty.

    networks: `10.0.0.0/8`, `2001:db8::/32`, single addresses, or `unix` for peers that come by a Unix socket.
    Raises ValueError for what is no network, for one with bits set behind its mask, and for one that holds every address.

    >>> proxies = Networks(["10.0.0.0/8", "::1", "unix"])
    >>> [proxies.hold(peer) for peer in (("10.1.2.3", 80), ("::ffff:10.1.2.3", 80), ("192.0.2.1", 80), None)]
    [True, True, False, True]
    """

    __slots__ = ("_holds", "_unix", "networks")

    def __init__(self, networks: Iterable[Network]) -> None:
        """Read the networks; see the class."""
        if isinstance(networks, str):
            raise TypeError(f"The networks are one text, {networks!r}: write a list, [{networks!r}].")
        given = list(networks)
        self._unix: Final = UNIX in given
        self.networks: Final = tuple(_checked(network) for network in given if network != UNIX)
        self._holds: Final = lru_cache(MOST_REMEMBERED)(self._look_up)

    def __bool__(self) -> bool:
        return self._unix or bool(self.networks)

    def hold(self, peer: tuple[str, int] | None) -> bool:
        """Tell whether a peer is in one of the networks; None and an empty address are a Unix socket's."""
        return self.hold_address(peer[0]) if peer and peer[0] else self._unix

    def hold_address(self, address: str) -> bool:
        """Tell whether an address, in whatever spelling, is in one of the networks; text that is none is in no network."""
        return len(address) <= LONGEST_ADDRESS and self._holds(address)

    def _look_up(self, text: str) -> bool:
        try:
            address = ip_address(text.partition("%")[0])
        except ValueError:
            return False
        # What a socket for both protocols shows of a peer that came by IPv4.
        address = getattr(address, "ipv4_mapped", None) or address
        return any(address in network for network in self.networks)


def _checked(given: Network) -> IPv4Network | IPv6Network:
    try:
        network = ip_network(given)
    except ValueError as error:
        cure = (
            "write the first address of the network" if "host bits" in str(error) else "write one such as '10.0.0.0/8' or '::1'"
        )
        raise ValueError(f"{excerpt(str(given))} is no network: {cure}.") from None
    if network.prefixlen == 0:
        raise ValueError(f"{str(given)!r} holds every address, so anybody would be believed: name the networks of your proxies.")
    return network
