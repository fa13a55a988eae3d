use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// Which addresses workers may reach. By default none that is private, local to the node or to its network, reserved, or
/// leads to one of these by translation.
#[derive(Debug, Clone, Default)]
pub struct EgressPolicy {
    allow: Vec<IpNet>,
    /// The node's own addresses and loopback are open where a network that is allowed has them; else only where they are named alone.
    opens_own: bool,
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(a: u16, b: u16, c: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), prefix)
}

/// Closed IPv4 networks, from the IANA special-purpose address registry.
const CLOSED_V4: &[Ipv4Net] = &[
    v4(0, 0, 0, 0, 8),       // this network
    v4(10, 0, 0, 0, 8),      // private
    v4(100, 64, 0, 0, 10),   // carrier-grade translation
    v4(127, 0, 0, 0, 8),     // loopback
    v4(169, 254, 0, 0, 16),  // link-local, metadata services
    v4(172, 16, 0, 0, 12),   // private
    v4(192, 0, 0, 0, 24),    // protocol assignments
    v4(192, 0, 2, 0, 24),    // documentation
    v4(192, 88, 99, 0, 24),  // 6to4 relays
    v4(192, 168, 0, 0, 16),  // private
    v4(198, 18, 0, 0, 15),   // benchmarking
    v4(198, 51, 100, 0, 24), // documentation
    v4(203, 0, 113, 0, 24),  // documentation
    v4(224, 0, 0, 0, 4),     // multicast
    v4(240, 0, 0, 0, 4),     // reserved, broadcast
];

/// Closed IPv6 networks.
const CLOSED_V6: &[Ipv6Net] = &[
    v6(0, 0, 0, 96),          // unspecified, loopback, IPv4-compatible
    v6(0x64, 0xff9b, 0, 96),  // translation to IPv4
    v6(0x64, 0xff9b, 1, 48),  // local translation
    v6(0x100, 0, 0, 64),      // discard
    v6(0x2001, 0, 0, 23),     // protocol assignments, Teredo
    v6(0x2001, 0xdb8, 0, 32), // documentation
    v6(0x2002, 0, 0, 16),     // 6to4
    v6(0x3fff, 0, 0, 20),     // documentation
    v6(0x5f00, 0, 0, 16),     // segment routing
    v6(0xfc00, 0, 0, 7),      // unique local
    v6(0xfe80, 0, 0, 10),     // link-local
    v6(0xfec0, 0, 0, 10),     // site-local
    v6(0xff00, 0, 0, 8),      // multicast
];

impl EgressPolicy {
    /// Opens networks that are closed by default.
    pub fn allowing(allow: impl IntoIterator<Item = IpNet>) -> Self {
        Self { allow: allow.into_iter().collect(), opens_own: false }
    }

    /// Opens what runs on the developer's own machine.
    pub fn allowing_loopback() -> Self {
        let v4 = IpNet::V4(v4(127, 0, 0, 0, 8));
        let v6 = IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128));
        Self { opens_own: true, ..Self::allowing([v4, v6]) }
    }

    /// Whether workers may reach this address. `own` are the node's.
    pub fn allows(&self, address: IpAddr, own: &[IpAddr]) -> bool {
        // An IPv4 address written as IPv6 is the IPv4 address.
        let address = address.to_canonical();
        let is_own = own.contains(&address) || address.is_loopback();
        let opens =
            |net: &&IpNet| net.contains(&address) && (self.opens_own || !is_own || net.prefix_len() == net.max_prefix_len());
        if self.allow.iter().any(|net| opens(&net)) {
            return true;
        }
        let closed = match address {
            IpAddr::V4(address) => CLOSED_V4.iter().any(|net| net.contains(&address)),
            IpAddr::V6(address) => CLOSED_V6.iter().any(|net| net.contains(&address)),
        };
        !closed && !is_own
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(policy: &EgressPolicy, address: &str) -> bool {
        policy.allows(address.parse().expect("an address"), &["198.41.0.4".parse().expect("an address")])
    }

    #[test]
    fn an_open_network_does_not_open_the_node() {
        let opened = |network: &str| EgressPolicy::allowing([network.parse().expect("a network")]);
        assert!(allows(&opened("10.0.0.0/8"), "10.1.2.3"));
        for (network, address) in [("198.41.0.0/16", "198.41.0.4"), ("127.0.0.0/8", "127.0.0.1"), ("::/0", "::1")] {
            assert!(!allows(&opened(network), address), "{network} opens {address}");
        }
        assert!(allows(&opened("198.41.0.4/32"), "198.41.0.4") && allows(&opened("127.0.0.1/32"), "127.0.0.1"));
        assert!(allows(&EgressPolicy::allowing_loopback(), "127.0.0.1"));
    }

    #[test]
    fn private_reserved_and_own_addresses_are_closed() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "198.41.0.4",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!allows(&EgressPolicy::default(), address), "{address} must be closed");
        }
    }

    #[test]
    fn public_addresses_are_open() {
        for address in ["1.1.1.1", "8.8.8.8", "100.63.255.255", "172.32.0.1", "2606:4700::1111", "2a00:1450::1", "::ffff:1.1.1.1"]
        {
            assert!(allows(&EgressPolicy::default(), address), "{address} must be open");
        }
    }

    #[test]
    fn an_opened_network_is_open_and_nothing_else() {
        let policy = EgressPolicy::allowing_loopback();
        assert!(allows(&policy, "127.0.0.1") && allows(&policy, "::1") && allows(&policy, "::ffff:127.0.0.1"));
        assert!(!allows(&policy, "10.0.0.1") && !allows(&policy, "169.254.169.254"));
    }
}
