use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, Scope};

use super::SandboxError;

/// The newest that has been read and tried. Of what it can withhold, a kernel withholds what it knows of.
const NEWEST: ABI = ABI::V9;

/// An empty set of rules: no file can be opened, made or changed by its path, no port be bound or connected to, no socket without a path
/// be reached and no process outside be signalled. For the calling thread and those that it starts.
pub(super) fn restrict_self() -> Result<(), SandboxError> {
    let ruleset = Ruleset::default()
        .handle_access(AccessFs::from_all(NEWEST))?
        .handle_access(AccessNet::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?
        .create()?;
    ruleset.restrict_self()?;
    Ok(())
}
