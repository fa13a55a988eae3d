//! Cron expressions as Cloudflare documents them: five fields, of which the days of a week begin with 1 for Sunday.
//! <https://developers.cloudflare.com/workers/configuration/cron-triggers/#supported-cron-expressions>

/// What may stand in a field.
struct Field {
    name: &'static str,
    least: u8,
    most: u8,
    /// Names of the values from the least on.
    names: &'static [&'static str],
    /// What a field may be as a whole besides: `L`, `15W`, `6#3`, ...
    is_special: fn(&Field, &str) -> bool,
}

const FIELDS: [Field; 5] = [
    Field { name: "minute", least: 0, most: 59, names: &[], is_special: |_, _| false },
    Field { name: "hour", least: 0, most: 23, names: &[], is_special: |_, _| false },
    Field { name: "day of the month", least: 1, most: 31, names: &[], is_special: is_special_day },
    Field {
        name: "month",
        least: 1,
        most: 12,
        names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
        is_special: |_, _| false,
    },
    Field {
        name: "day of the week",
        least: 1,
        most: 7,
        names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
        is_special: is_special_weekday,
    },
];

/// Says what is wrong with an expression.
pub(super) fn check(text: &str) -> Result<(), String> {
    let parts: Vec<_> = text.split(' ').filter(|part| !part.is_empty()).collect();
    if parts.len() != FIELDS.len() {
        return Err(format!("it has {} fields, and five are expected: minute, hour, day, month, day of the week", parts.len()));
    }
    for (field, part) in FIELDS.iter().zip(parts) {
        let is_right = part == "*" || (field.is_special)(field, part) || part.split(',').all(|item| field.is_item(item));
        if !is_right {
            let Field { name, least, most, .. } = field;
            return Err(format!("{part:?} is no {name}: it goes from {least} to {most}"));
        }
    }
    Ok(())
}

impl Field {
    /// A value, a range, which may go over the end, or steps through either or through all.
    fn is_item(&self, item: &str) -> bool {
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (item, None),
        };
        let is_range = match range.split_once('-') {
            Some((first, last)) => self.is_value(first) && self.is_value(last),
            None => (range == "*" && step.is_some()) || self.is_value(range),
        };
        is_range && step.is_none_or(|step| number(step).is_some_and(|step| (1..=self.most - self.least).contains(&step)))
    }

    fn is_value(&self, text: &str) -> bool {
        number(text).is_some_and(|value| (self.least..=self.most).contains(&value))
            || self.names.iter().any(|name| name.eq_ignore_ascii_case(text))
    }
}

/// Digits alone, no sign.
fn number(text: &str) -> Option<u8> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// The last day, or one before it, or the working day that is nearest to one: `L`, `L-3`, `LW`, `L-3W`, `15W`.
fn is_special_day(field: &Field, text: &str) -> bool {
    let is_working = text.ends_with('W');
    let day = text.strip_suffix('W').unwrap_or(text);
    match day.strip_prefix('L') {
        Some("") => true,
        Some(rest) => rest.strip_prefix('-').and_then(number).is_some_and(|before| (1..field.most).contains(&before)),
        None => is_working && field.is_value(day),
    }
}

/// Saturday, or the last such day of a month, or the one so far into it: `L`, `6L`, `friL`, `6#3`.
fn is_special_weekday(field: &Field, text: &str) -> bool {
    if let Some((day, which)) = text.split_once('#') {
        return field.is_value(day) && number(which).is_some_and(|which| (1..=5).contains(&which));
    }
    text.strip_suffix('L').is_some_and(|day| day.is_empty() || field.is_value(day))
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn expressions_are_those_of_the_documentation() {
        for good in [
            "* * * * *",
            "*/30 * * * *",
            "45 * * * *",
            "0 17 * * sun",
            "10 7 * * mon-fri",
            "10 7 * * 2-6",
            "0 15 1 * *",
            "0 18 * * 6L",
            "0 18 * * FRIL",
            "59 23 LW * *",
            "0 0 L-3 jan,Jul 6#3",
            "0,5-10,*/20 22-2 15W 1-12/2 L",
            "0  0 31 12 7",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (wrong, expected) in [
            ("99 99 * * *", "\"99\" is no minute: it goes from 0 to 59"),
            ("0 24 * * *", "\"24\" is no hour"),
            ("0 0 0 * *", "no day of the month"),
            ("0 0 32 * *", "no day of the month"),
            ("0 0 * 13 *", "no month"),
            ("0 0 * * 0", "no day of the week: it goes from 1 to 7"),
            ("0 0 * * 8", "no day of the week"),
            ("0 0 * * mond", "no day of the week"),
            ("0 0 * * 6#6", "no day of the week"),
            ("0 0 L-31 * *", "no day of the month"),
            ("0 0 W * *", "no day of the month"),
            ("L * * * *", "no minute"),
            ("*/0 * * * *", "no minute"),
            ("*/60 * * * *", "no minute"),
            ("*,* * * * *", "no minute"),
            ("1- * * * *", "no minute"),
            ("+1 * * * *", "no minute"),
            (", * * * *", "no minute"),
            ("? * * * *", "no minute"),
            ("* * * *", "4 fields"),
            ("* * * * * *", "6 fields"),
            ("", "0 fields"),
            ("*\t* * * *", "4 fields"),
        ] {
            assert!(check(wrong).is_err_and(|said| said.contains(expected)), "{wrong}: {:?}", check(wrong));
        }
    }
}
