use std::path::{Path, PathBuf};

use crate::ProjectError;

/// Variables for development, and the file they came from.
pub(crate) struct DevVars {
    pub file: PathBuf,
    pub values: Vec<(String, String)>,
}

/// Reads `.dev.vars.<environment>`, or else `.dev.vars`: `NAME=value` a line, `#` comments, values in quotes if they like.
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
fn parse(text: &str) -> Result<Vec<(String, String)>, usize> {
    let mut values = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").unwrap_or(line);
        let (name, value) = line.split_once('=').ok_or(index + 1)?;
        let name = name.trim();
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(index + 1);
        }
        values.push((name.to_owned(), unquote(value.trim())));
    }
    Ok(values)
}

fn unquote(value: &str) -> String {
    for quote in ['"', '\'', '`'] {
        if let Some(rest) = value.strip_prefix(quote)
            && let Some(end) = rest.find(quote)
        {
            let inner = &rest[..end];
            return if quote == '"' { inner.replace("\\n", "\n") } else { inner.to_owned() };
        }
    }
    // Without quotes a comment ends the value.
    value.split(" #").next().unwrap_or_default().trim_end().to_owned()
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
    fn a_line_that_is_none_is_named() {
        assert_eq!(parse("A=1\nnonsense\n"), Err(2));
        assert_eq!(parse("=x"), Err(1));
    }
}
