use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Result, anyhow};
use skerry_edge::metrics::Metrics;
use skerry_edge::{
    EgressPolicy, Failure, FailureKind, Isolates, Node, NodeConfig, Objects, Route, Routes, Tenant, Worker, WorkerCode,
    WorkerConfig, WorkerOptions,
};
use skerry_project::{Built, ProjectError, ProjectOptions};

use crate::assembly::Assembly;
use crate::printer::{Printer, WorkerLog};
use crate::version::{self, Origins};

/// The workers of a configuration, built, and kept over reloads where nothing about them has changed.
pub(super) struct Fleet {
    node: Arc<Node>,
    printer: Arc<Printer>,
    metrics: Arc<Metrics>,
    isolates: Arc<dyn Isolates>,
    objects: Option<Arc<Objects>>,
    members: HashMap<PathBuf, Member>,
}

#[derive(Clone)]
struct Member {
    worker: Arc<Worker>,
    config: WorkerConfig,
    /// None while no version of it could be built.
    code: Option<Arc<WorkerCode>>,
}

impl Fleet {
    pub fn new(assembly: &Assembly) -> Self {
        Self {
            node: assembly.node.clone(),
            printer: assembly.printer.clone(),
            metrics: assembly.metrics.clone(),
            isolates: assembly.isolates.clone(),
            objects: assembly.objects.clone(),
            members: HashMap::new(),
        }
    }

    /// Serves what the configuration says. A worker that cannot be built keeps its version from before, or answers with the error;
    /// a configuration that contradicts itself changes nothing.
    pub async fn load(&mut self, config: &NodeConfig) -> Result<()> {
        check(config)?;
        let mut members = HashMap::new();
        let mut served = Vec::new();
        let mut all_built = Vec::new();
        for worker in &config.workers {
            let options = ProjectOptions { environment: None, vars: worker.vars.clone() };
            all_built.push((worker, skerry_project::build(&worker.path, &options).await));
        }
        let built = all_built.iter().filter_map(|(_, built)| built.as_ref().ok());
        let origins: Origins = built.map(|built| (built.version.name.clone(), built.bindings.classes())).collect();
        for (worker, built) in all_built {
            let member = self.member(worker, built, &origins);
            served.push((member.worker.clone(), worker.routes.clone()));
            members.insert(worker.path.clone(), member);
        }
        self.node.serve(served).map_err(|route| twice(&route))?;
        self.members = members;
        Ok(())
    }

    fn member(&self, config: &WorkerConfig, built: Result<Built, ProjectError>, origins: &Origins) -> Member {
        let before = self.members.get(&config.path).filter(|member| member.config.is_alike(config));
        let built = match built {
            Ok(built) => built,
            Err(error) => return self.unbuilt(config, &error),
        };
        for warning in &built.warnings {
            self.printer.warn(&format!("{}: {warning}", config.path.display()));
        }
        let code = Arc::new(version::code_of_built(built, origins));
        // Others know it by its name.
        let before = before.filter(|before| before.code.as_ref().is_none_or(|before| before.name == code.name));
        let member = match before {
            Some(before) if before.code.as_ref() == Some(&code) => return before.clone(),
            Some(before) => Member { code: Some(code.clone()), ..before.clone() },
            None => self.new_member(config, &code.name, Some(code.clone())),
        };
        member.worker.install(code);
        member
    }

    /// What there was before, or a worker that says what is wrong.
    fn unbuilt(&self, config: &WorkerConfig, error: &ProjectError) -> Member {
        let details = match error {
            ProjectError::Bundle { details, .. } => details.clone(),
            other => other.to_string(),
        };
        let path = config.path.display();
        if let Some(before) = self.members.get(&config.path) {
            self.printer.error(&format!("{path}: the version from before is served on: {details}"));
            return before.clone();
        }
        self.printer.error(&format!("{path}: requests are answered with an error: {details}"));
        let member = self.new_member(config, &path.to_string(), None);
        member.worker.report_failure(Failure { kind: FailureKind::Load, message: error.to_string(), stack: None });
        member
    }

    fn new_member(&self, config: &WorkerConfig, name: &str, code: Option<Arc<WorkerCode>>) -> Member {
        let tenant = Tenant { id: config.path.display().to_string().into(), trust: config.trust.as_str().into() };
        let egress = EgressPolicy::allowing(config.egress.clone());
        let options = WorkerOptions {
            tenant,
            name: name.into(),
            directory: self.node.directory(),
            objects: self.objects.clone(),
            limits: config.limits.clone(),
            egress,
            ..WorkerOptions::default()
        };
        let log = WorkerLog::named(name, self.printer.clone(), self.metrics.clone());
        Member { worker: Worker::new(options, self.isolates.clone(), log), config: config.clone(), code }
    }
}

/// Everything that can be wrong before anything is built.
fn check(config: &NodeConfig) -> Result<()> {
    let mut paths = std::collections::HashSet::new();
    if let Some(worker) = config.workers.iter().find(|worker| !paths.insert(&worker.path)) {
        return Err(anyhow!("{} is configured twice: give it all its routes in one place", worker.path.display()));
    }
    let routes = config.workers.iter().flat_map(|worker| worker.routes.iter().map(|route| (route.clone(), ())));
    Routes::new(routes).map(drop).map_err(|route| {
        let claim = |worker: &&WorkerConfig| worker.routes.contains(&route);
        let workers: Vec<_> = config.workers.iter().filter(claim).map(|worker| worker.path.display().to_string()).collect();
        anyhow!("{} ({})", twice(&route), workers.join(", "))
    })
}

fn twice(route: &Route) -> anyhow::Error {
    anyhow!("the route {route} is given to two workers: make one of them more specific, or remove it")
}
