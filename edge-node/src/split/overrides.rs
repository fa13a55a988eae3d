//! `Cloudflare-Workers-Version-Overrides: app="dc8dcd28-271b-4367-9840-6c244f84cb40"`: a dictionary of strings (RFC 8941, 3.2).

use http::HeaderValue;

/// The version that a request asks for of the worker with this name. A header that is not a dictionary of strings asks for nothing.
pub(crate) fn override_for<'h>(lines: impl IntoIterator<Item = &'h HeaderValue>, name: &str) -> Option<String> {
    let mut found = None;
    for line in lines {
        let mut rest = Rest(line.to_str().ok()?.trim_matches(' '));
        while !rest.0.is_empty() {
            let (key, value) = rest.member()?;
            if key == name {
                // The last of several with one key is meant (RFC 8941, 4.2.2).
                found = Some(value);
            }
            rest.separator()?;
        }
    }
    found
}

/// What is left to be read.
struct Rest<'h>(&'h str);

impl<'h> Rest<'h> {
    fn take(&mut self, expected: char) -> Option<()> {
        self.0 = self.0.strip_prefix(expected)?;
        Some(())
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'h str {
        let (taken, rest) = self.0.split_at(self.0.find(|character| !belongs(character)).unwrap_or(self.0.len()));
        self.0 = rest;
        taken
    }

    fn key(&mut self) -> Option<&'h str> {
        // Names of workers may begin with a digit, which the standard's keys may not.
        let key = self.take_while(|character| {
            matches!(character, 'a'..='z' | '0'..='9' | '_' | '-' | '.' | '*') || character.is_ascii_uppercase()
        });
        (!key.is_empty()).then_some(key)
    }

    fn member(&mut self) -> Option<(&'h str, String)> {
        let key = self.key()?;
        self.take('=')?;
        let value = self.string()?;
        while self.take(';').is_some() {
            self.take_while(|character| character == ' ');
            self.key()?;
            if self.take('=').is_some() {
                self.item()?;
            }
        }
        Some((key, value))
    }

    fn string(&mut self) -> Option<String> {
        self.take('"')?;
        let mut text = String::new();
        let mut characters = self.0.char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    self.0 = &self.0[at + 1..];
                    return Some(text);
                }
                '\\' => text.push(characters.next().map(|(_, escaped)| escaped).filter(|escaped| matches!(escaped, '"' | '\\'))?),
                ' '..='~' => text.push(character),
                _ => return None,
            }
        }
        None
    }

    /// A parameter's value, which means nothing here.
    fn item(&mut self) -> Option<()> {
        if self.0.starts_with('"') {
            return self.string().map(drop);
        }
        let taken =
            self.take_while(|character| character.is_ascii_graphic() && !matches!(character, '"' | ',' | ';' | '(' | ')'));
        (!taken.is_empty()).then_some(())
    }

    /// Between two members, or nothing at the end.
    fn separator(&mut self) -> Option<()> {
        let is_space = |character| matches!(character, ' ' | '\t');
        self.take_while(is_space);
        if self.0.is_empty() {
            return Some(());
        }
        self.take(',')?;
        self.take_while(is_space);
        // A comma at the end is an error (RFC 8941, 4.2.2).
        (!self.0.is_empty()).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_lines(lines: &[&str]) -> Option<String> {
        let lines: Vec<_> = lines.iter().filter_map(|line| HeaderValue::from_bytes(line.as_bytes()).ok()).collect();
        override_for(&lines, "app")
    }

    #[test]
    fn the_workers_own_override_is_found() {
        let cases: [&[&str]; 7] = [
            &[r#"app="v1""#],
            &[r#"  app="v1"  "#],
            &[r#"other="x", app="v1" ,	third="y""#],
            &[r#"app="v0", app="v1""#],
            &[r#"app="v0""#, r#"app="v1";a;b=2;c="d,e""#],
            &[r#"other="app=\"x\", app=", app="v1""#],
            &["", r#"app="v1""#],
        ];
        for lines in cases {
            assert_eq!(of_lines(lines).as_deref(), Some("v1"), "{lines:?}");
        }
        assert_eq!(of_lines(&[r#"app="a\"\\b""#]).as_deref(), Some(r#"a"\b"#));
    }

    #[test]
    fn what_is_no_dictionary_of_strings_asks_for_nothing() {
        let deep = format!("app={}", "(".repeat(60_000));
        let long = "app=\"".to_owned() + &"x".repeat(60_000);
        let cases = [
            "",
            " ",
            ",",
            "app",
            "app=",
            "app=v1",
            "app=\"",
            "app=\"v1",
            "app=\"v1\\",
            "app=\"v\\1\"",
            "app=\"v1\",",
            "app=\"v1\" x",
            "app=\"v1\",,",
            "=\"v1\"",
            "app =\"v1\"",
            "app= \"v1\"",
            "app=(\"v1\")",
            "app=\"v1\";",
            "app=\"v1\";=1",
            "app=\"v1\";a=",
            "app=\"ä\"",
            "app=\"v\t1\"",
            "other=\"v1\"",
            "App=\"v1\"",
            "app=?1",
            "app=:YQ==:",
            "app=\"v1\", other=2",
            &deep,
            &long,
        ];
        for line in cases {
            assert_eq!(of_lines(&[line]), None, "{line:.40}");
        }
    }
}
