//! Names of hosts, in letters of all scripts and in those of ASCII: for `node:url`, `node:punycode`, `node:dns` and `node:tls`.

use super::natives::Call;

const PREFIX: &str = "xn--";
/// Longer than any name can be. Encoding takes a time that grows with the square of a label.
const LENGTH_MAX: usize = 2048;

fn with_domain(call: &mut Call, convert: impl FnOnce(&str) -> Result<String, &'static str>) {
    let Some(domain) = call.text(0, LENGTH_MAX) else {
        return call.throw_range_error("Invalid input: a name of a host has 2,048 characters at the most");
    };
    match convert(&domain) {
        Ok(converted) => call.answer_text(&converted),
        Err(message) => call.throw_range_error(message),
    }
}

/// As UTS #46 has it; empty where it is no name.
pub(super) fn to_ascii(call: &mut Call) {
    with_domain(call, |domain| Ok(idna::domain_to_ascii(domain).unwrap_or_default()));
}

pub(super) fn to_unicode(call: &mut Call) {
    with_domain(call, |domain| Ok(idna::domain_to_unicode(domain).0));
}

/// As the host of a URL is parsed; empty where that fails.
pub(super) fn url_to_ascii(call: &mut Call) {
    with_domain(call, |domain| {
        let domain = domain.replace(['\t', '\n', '\r'], "");
        let host = domain.split(['/', '\\', '?', '#']).next().unwrap_or_default();
        Ok(url::Host::parse(host).map(|host| host.to_string()).unwrap_or_default())
    });
}

pub(super) fn labels_to_ascii(call: &mut Call) {
    with_domain(call, |domain| {
        of_labels(domain, |label| {
            if label.is_ascii() {
                return Ok(label.to_owned());
            }
            let encoded = idna::punycode::encode_str(label).ok_or("Overflow: input needs wider integers to process")?;
            Ok(format!("{PREFIX}{encoded}"))
        })
    });
}

pub(super) fn labels_to_unicode(call: &mut Call) {
    with_domain(call, |domain| {
        of_labels(domain, |label| match label.strip_prefix(PREFIX) {
            Some(encoded) => decoded(&encoded.to_lowercase()),
            None => Ok(label.to_owned()),
        })
    });
}

pub(super) fn punycode_encode(call: &mut Call) {
    with_domain(call, |text| idna::punycode::encode_str(text).ok_or("Overflow: input needs wider integers to process"));
}

pub(super) fn punycode_decode(call: &mut Call) {
    with_domain(call, decoded);
}

fn decoded(text: &str) -> Result<String, &'static str> {
    let basic = text.rfind('-').map_or("", |dash| &text[..dash]);
    if !basic.is_ascii() {
        return Err("Illegal input >= 0x80 (not a basic code point)");
    }
    idna::punycode::decode_to_string(text).ok_or("Invalid input")
}

/// What stands before an `@` stays as it is.
fn of_labels(domain: &str, convert: impl Fn(&str) -> Result<String, &'static str>) -> Result<String, &'static str> {
    let (local, host) = domain.split_once('@').map_or((None, domain), |(local, host)| (Some(local), host));
    // Full stops of other scripts part labels, too.
    let labels: Result<Vec<_>, _> = host.split(['.', '\u{3002}', '\u{ff0e}', '\u{ff61}']).map(convert).collect();
    let labels = labels?.join(".");
    Ok(local.map_or_else(|| labels.clone(), |local| format!("{local}@{labels}")))
}

#[cfg(test)]
mod tests {
    use super::{decoded, of_labels};

    #[test]
    fn the_part_before_an_at_sign_is_no_label() {
        let upper = |label: &str| Ok(label.to_uppercase());
        assert_eq!(of_labels("a.b@c.d", upper), Ok("a.b@C.D".to_owned()));
        assert_eq!(of_labels("c\u{3002}d", upper), Ok("C.D".to_owned()));
    }

    #[test]
    fn what_is_no_punycode_is_refused() {
        assert_eq!(decoded("maana-pta"), Ok("mañana".to_owned()));
        assert!(decoded("ä-b").is_err());
        assert!(decoded("\u{1}!").is_err());
        assert_eq!(decoded(""), Ok(String::new()));
    }
}
