//! Projects with `no_bundle`: the modules as they lie on disk.

use std::path::Path;

use skerry_protocol::{Module, ModuleKind};

use crate::{Modules, Project, ProjectError};

/// More than this is no worker but a folder named by mistake.
const FILES_MAX: usize = 10_000;

/// Takes every module below the main module's folder, named by its path from there.
pub(crate) fn collect(project: &Project) -> Result<Modules, ProjectError> {
    let folder = project.main.parent().unwrap_or(&project.root);
    let mut modules = Modules { main: String::new(), modules: Vec::new(), inputs: Vec::new(), warnings: Vec::new() };
    visit(project, folder, folder, &mut modules)?;
    modules.main = name_of(folder, &project.main);
    if !modules.modules.iter().any(|module| module.name == modules.main) {
        // The main module is one whatever its name says.
        modules.modules.push(read(&project.main, modules.main.clone(), ModuleKind::EsModule)?);
        modules.inputs.push(project.main.clone());
    }
    Ok(modules)
}

fn visit(project: &Project, base: &Path, folder: &Path, modules: &mut Modules) -> Result<(), ProjectError> {
    let entries = std::fs::read_dir(folder).map_err(|error| failed(folder, &error))?;
    for entry in entries {
        let path = entry.map_err(|error| failed(folder, &error))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with('.') || name == "node_modules" {
            continue;
        }
        if path.is_dir() {
            visit(project, base, &path, modules)?;
        } else if let Some(kind) = kind_of(project, &path) {
            modules.modules.push(read(&path, name_of(base, &path), kind)?);
            modules.inputs.push(path);
        }
        if modules.modules.len() > FILES_MAX {
            return Err(ProjectError::NotFound(format!("{}: more than {FILES_MAX} modules", base.display())));
        }
    }
    Ok(())
}

fn kind_of(project: &Project, path: &Path) -> Option<ModuleKind> {
    match path.extension()?.to_str()? {
        "js" | "mjs" => Some(ModuleKind::EsModule),
        "json" => Some(ModuleKind::Json),
        _ => project.config.rules.kind_of(path.to_str()?),
    }
}

fn read(path: &Path, name: String, kind: ModuleKind) -> Result<Module, ProjectError> {
    let content = std::fs::read(path).map_err(|error| failed(path, &error))?;
    Ok(Module { name, kind, content, source_map: None })
}

fn name_of(base: &Path, path: &Path) -> String {
    let relative = path.strip_prefix(base).unwrap_or(path);
    relative.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn failed(path: &Path, error: &std::io::Error) -> ProjectError {
    ProjectError::NotFound(format!("{}: {error}", path.display()))
}
