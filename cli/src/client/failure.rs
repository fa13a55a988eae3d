use skerry_project::ProjectError;

const FAILED: u8 = 1;

/// Why a command did not do what it was to.
#[derive(Debug)]
pub struct Failure {
    /// A word for programs: the API's own, where it refused.
    pub code: String,
    pub message: String,
    pub exit: u8,
}

impl Failure {
    /// Refused by the API.
    pub fn refused(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), exit: FAILED }
    }

    /// Could not be done.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::refused("failed", message)
    }

    /// What was typed, or is in the project, cannot be used.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { code: "usage".to_owned(), message: message.into(), exit: crate::USAGE }
    }
}

impl From<ProjectError> for Failure {
    fn from(error: ProjectError) -> Self {
        match error {
            ProjectError::Bundle { details, .. } => Self::usage(details),
            other => Self::usage(other.to_string()),
        }
    }
}
