//! Places in an object's history, as people type them.

use chrono::{DateTime, SecondsFormat, Utc};
use skerry_edge::object_tool::Moment;

pub(super) fn parse(text: &str) -> Result<Moment, String> {
    parse_at(text, Utc::now().timestamp_millis())
}

fn parse_at(text: &str, now_ms: i64) -> Result<Moment, String> {
    if let Some(ago) = text.strip_prefix('-') {
        return ago_ms(ago).map(|ms| Moment::Time { ms: now_ms.saturating_sub(ms) }).ok_or_else(|| wrong(text));
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(Moment::Time { ms: time.timestamp_millis() });
    }
    let plain = text.strip_suffix("-undo").unwrap_or(text);
    let is_number = |text: &str| text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match plain.split_once('-') {
        Some((position, check)) if is_number(position) && is_number(check) => Ok(Moment::Bookmark(text.to_owned())),
        _ => Err(wrong(text)),
    }
}

fn ago_ms(text: &str) -> Option<i64> {
    let unit_ms = match text.chars().last()? {
        's' => 1_000,
        'm' => 60_000,
        'h' => 3_600_000,
        'd' => 86_400_000,
        _ => return None,
    };
    let count: i64 = text[..text.len() - 1].parse().ok().filter(|count| *count >= 0)?;
    count.checked_mul(unit_ms)
}

fn wrong(text: &str) -> String {
    format!("{text:?} is no bookmark and no time: expected 2026-11-22T10:00:00Z, or -30s, -10m, -2h, -3d")
}

/// As it can be typed again.
pub(super) fn shown(ms: i64) -> String {
    DateTime::from_timestamp_millis(ms).map_or_else(|| ms.to_string(), |time| time.to_rfc3339_opts(SecondsFormat::Millis, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bookmarks_times_and_spans_are_told_apart() {
        let time = |ms| Ok(Moment::Time { ms });
        assert_eq!(parse_at("2026-11-22T10:00:00Z", 0), time(1_795_341_600_000));
        assert_eq!(parse_at("2026-11-22T12:00:00.5+02:00", 0), time(1_795_341_600_500));
        assert_eq!(parse_at(&shown(1_795_341_600_123), 0), time(1_795_341_600_123));
        assert_eq!([parse_at("-10m", 1_000_000), parse_at("-0s", 7)], [time(400_000), time(7)]);
        assert_eq!([parse_at("-2h", 0), parse_at("-3d", 0)], [time(-7_200_000), time(-259_200_000)]);
        let bookmark = "00000000000000ff-0123456789abcdef";
        for text in [bookmark.to_owned(), format!("{bookmark}-undo")] {
            assert_eq!(parse_at(&text, 0), Ok(Moment::Bookmark(text)));
        }
        for wrong in ["", "-", "-m", "-1.5h", "--1s", "-1é", "10m", "yesterday", "2026-11-22", "ff-ff", &bookmark[1..]] {
            assert!(parse_at(wrong, 0).is_err_and(|error| error.contains("expected")), "{wrong}");
        }
    }
}
