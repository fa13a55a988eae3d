use std::path::{Path, PathBuf};

use crate::ProjectError;

/// Variables for development, and the file they came from.
pub(crate) struct DevVars {
    pub file: PathBuf,
    pub values: Vec<(String, String)>,
}

/// Reads `.dev.vars.<environment>`, or else `.dev.vars`: `NAME=value` a line, `#` comments, values in quotes if they like. Values in
/// quotes may have several lines.
pub(crate) fn read(root: &Path, environment: Option<&str>) -> Result<Option<DevVars>, ProjectError> {
    let mut candidates =
        environment.map(|name| root.join(format!(".dev.vars.{name}"))).into_iter().chain([root.join(".dev.vars")]);
    let Some(file) = candidates.find(|file| file.is_file()) else { return Ok(None) };
    let error = |message: String| ProjectError::Config { file: file.display().to_string(), message };
    let text = std::fs::read_to_string(&file).map_err(|problem| error(problem.to_string()))?;
    let values = parse(&text).map_err(|line| error(format!("line {line} is not of the form NAME=value")))?;
    Ok(Some(DevVars { file, values }))
}

/// The number of the first line that is wrong, where one is.
pub(crate) fn parse(text: &str) -> Result<Vec<(String, String)>, usize> {
    let text = text.replace("\r\n", "\n");
    let mut values = Vec::new();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            rest = after;
            continue;
        }
        let wrong = || text[..text.len() - rest.len()].matches('\n').count() + 1;
        let (name, _) = line.split_once('=').ok_or_else(wrong)?;
        let from_value = &rest[name.len() + 1..];
        let name = name.trim();
        let name = name.strip_prefix("export ").map_or(name, str::trim);
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(wrong());
        }
        let (value, after) = quoted(from_value).unwrap_or_else(|| {
            let (value, after) = from_value.split_once('\n').unwrap_or((from_value, ""));
            // Without quotes a comment ends the value.
            (value.split(" #").next().unwrap_or_default().trim().to_owned(), after)
        });
        values.push((name.to_owned(), value));
        rest = after;
    }
    Ok(values)
}

/// A value in quotes, after which its line has at most a comment, and the lines that follow.
fn quoted(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start_matches([' ', '\t']);
    let quote = text.chars().next().filter(|first| ['"', '\'', '`'].contains(first))?;
    let (inner, after) = text[1..].match_indices(quote).find_map(|(end, _)| {
        let (inner, after) = (&text[1..=end], &text[end + 2..]);
        let (line, lines) = after.split_once('\n').unwrap_or((after, ""));
        let is_end = !inner.ends_with('\\') && (line.trim().is_empty() || line.trim_start().starts_with('#'));
        is_end.then_some((inner, lines))
    })?;
    let value = if quote == '"' { inner.replace("\\n", "\n") } else { inner.to_owned() };
    Some((value, after))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn quotes_comments_and_export_are_understood() {
        let text = "# secrets\nA=1\nexport B = \"two words\"\nC='#not a comment' # but this\nD=x # y\nE=\"a\\nb\"\n";
        let values = parse(text).expect("it parses");
        let expected = [("A", "1"), ("B", "two words"), ("C", "#not a comment"), ("D", "x"), ("E", "a\nb")];
        assert_eq!(values, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn values_in_quotes_may_have_several_lines() {
        let key = "-----BEGIN PRIVATE KEY-----\nMIIE=\n-----END PRIVATE KEY-----\n";
        let values = parse(&format!("KEY=\"{key}\"\r\nSINGLE='{key}' # a comment\nTIS='tis\nB=it's # so\n")).expect("it parses");
        let expected = [("KEY", key), ("SINGLE", key), ("TIS", "'tis"), ("B", "it's")];
        assert_eq!(values, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(parse(&format!("KEY=\"{key}\"\nnonsense\n")), Err(5));
    }

    #[test]
    fn a_line_that_is_none_is_named() {
        assert_eq!(parse("A=1\nnonsense\n"), Err(2));
        assert_eq!(parse("=x"), Err(1));
    }
}
