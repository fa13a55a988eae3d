//! The workers that a configuration asks for, as the node serves them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use skerry_protocol::DeployedWorker;
use skerry_runtime::{Isolates, Tenant};

use super::DeployedOptions;
use super::error::DeployedError;
use super::figures::{Book, Counted};
use super::plan::Configuration;
use super::store::Store;
use super::version::{StoredVersion, is_same, limits_of};
use crate::node::Served;
use crate::routes::Route;
use crate::services::Directory;
use crate::split::{Split, Target};
use crate::worker::{Worker, WorkerOptions};

/// A deployed worker. The isolates of a version are the same over all revisions that have it.
pub(super) struct Member {
    deployed: Arc<DeployedWorker>,
    routes: Vec<Route>,
    /// Where versions are served alone, by their places.
    previews: Vec<(Route, usize)>,
    /// In the order of the deployed ones.
    versions: Vec<Arc<Worker>>,
    target: Target,
}

/// By the id of the worker.
pub(super) type Members = HashMap<String, Arc<Member>>;

/// Ids of the workers that have the routes.
pub(super) type Owners = HashMap<Route, String>;

/// What workers are made with.
pub(super) struct Maker {
    pub isolates: Arc<dyn Isolates>,
    pub store: Arc<Store>,
    pub options: DeployedOptions,
    pub book: Arc<Book>,
    pub directory: Directory,
}

/// All that a revision needs before it is served.
pub(super) struct Prepared {
    pub members: Members,
    pub owners: Owners,
    pub served: Served,
    /// Versions that were not served, each with its worker.
    pub new: Vec<(Arc<DeployedWorker>, usize)>,
    /// Of workers that are being used: no request is to wait for them.
    pub to_warm: Vec<Arc<Worker>>,
}

impl Prepared {
    /// Starts nothing and fetches nothing. What is wrong with one worker harms no other: its routes that cannot be served are left out, and a
    /// worker that cannot be served at all stays as it was.
    pub fn of(configuration: &Configuration, before: &Members, owners: &Owners, maker: &Maker) -> Result<Self, DeployedError> {
        let (mut members, mut new, mut to_warm) = (Members::new(), Vec::new(), Vec::new());
        for (id, deployed) in &configuration.workers {
            let old = before.get(id);
            let member = match old.filter(|old| Arc::ptr_eq(&old.deployed, deployed)) {
                Some(same) => same.clone(),
                None => {
                    let member = match (Member::new(deployed, old.map(AsRef::as_ref), maker), old) {
                        (Ok(member), _) => member,
                        (Err(error), old) => {
                            tracing::error!(worker = deployed.name, account = deployed.account, %error, "what was deployed cannot be served");
                            members.extend(old.map(|old| (id.clone(), old.clone())));
                            continue;
                        }
                    };
                    new.extend(member.new_versions(old.map(AsRef::as_ref)).map(|place| (deployed.clone(), place)));
                    to_warm.extend(old.into_iter().flat_map(|old| member.to_warm(old)));
                    Arc::new(member)
                }
            };
            members.insert(id.clone(), member);
        }
        let owners = owners_of(&members, owners);
        let served = Served::new(targets_of(&members, &owners), members.len()).map_err(DeployedError::RouteTwice)?;
        Ok(Self { members, owners, served, new, to_warm })
    }
}

/// Each route is one worker's alone: whoever had it keeps it, as long as it wants it.
fn owners_of(members: &Members, before: &Owners) -> Owners {
    let mut ordered: Vec<_> = members.iter().collect();
    ordered.sort_by_key(|(id, _)| *id);
    let mut owners = Owners::new();
    for (id, member) in ordered {
        for route in member.all_routes() {
            let had = before.get(route) == Some(id);
            match owners.get(route) {
                None => drop(owners.insert(route.clone(), id.clone())),
                Some(owner) if owner == id => {}
                Some(_) if had => drop(owners.insert(route.clone(), id.clone())),
                Some(_) => {
                    let DeployedWorker { name, account, .. } = &*member.deployed;
                    tracing::error!(%route, worker = name, account, "the route is another worker's");
                }
            }
        }
    }
    owners
}

/// What is reached, and by which routes: each once.
fn targets_of(members: &Members, owners: &Owners) -> Vec<(Target, Vec<Route>)> {
    let mut left: HashSet<&Route> = owners.keys().collect();
    let mut targets = Vec::with_capacity(members.len());
    for (id, member) in members {
        let mut is_own = |route: &Route| owners.get(route) == Some(id) && left.remove(route);
        let routes = member.routes.iter().filter(|route| is_own(route)).cloned().collect();
        targets.push((member.target.clone(), routes));
        for (route, place) in &member.previews {
            if is_own(route) {
                targets.push((Target::Preview(member.versions[*place].clone()), vec![route.clone()]));
            }
        }
    }
    targets
}

impl Member {
    fn new(deployed: &Arc<DeployedWorker>, old: Option<&Self>, maker: &Maker) -> Result<Self, DeployedError> {
        let (worker, account) = (deployed.name.clone(), deployed.account.clone());
        let usable = |route: &str| match route.parse::<Route>() {
            Ok(route) => Some(route),
            Err(error) => {
                tracing::error!(%worker, %account, %error, "a route cannot be served");
                None
            }
        };
        let routes = deployed.routes.iter().filter_map(|route| usable(route)).collect();
        let previews = deployed.versions.iter().enumerate().flat_map(|(place, version)| {
            let hosts = version.preview_host.iter().chain(&version.alias_hosts);
            hosts.filter_map(move |host| Some((usable(&format!("{host}/*"))?, place)))
        });
        let previews = previews.collect();
        let versions: Vec<_> = (0..deployed.versions.len())
            .map(|place| old.and_then(|old| old.same(deployed, place)).cloned().unwrap_or_else(|| maker.worker(deployed, place)))
            .collect();
        let parts: Vec<_> = deployed.versions.iter().zip(&versions).filter(|(version, _)| !version.is_preview).collect();
        let target = match parts.as_slice() {
            [(_, only)] => Target::Worker((*only).clone()),
            several => {
                let parts =
                    several.iter().map(|(version, worker)| (version.id.clone(), version.share, (*worker).clone())).collect();
                let split = Split::new(&deployed.id, &deployed.name, parts);
                Target::Split(Arc::new(split.map_err(|error| DeployedError::Shares { worker, account, error })?))
            }
        };
        Ok(Self { deployed: deployed.clone(), routes, previews, versions, target })
    }

    fn all_routes(&self) -> impl Iterator<Item = &Route> {
        self.routes.iter().chain(self.previews.iter().map(|(route, _)| route))
    }

    /// What serves this version of another revision here.
    fn same(&self, deployed: &DeployedWorker, place: usize) -> Option<&Arc<Worker>> {
        let version = deployed.versions.get(place)?;
        let mut ours = self.deployed.versions.iter().zip(&self.versions);
        ours.find_map(|(our, worker)| is_same((&self.deployed, our), (deployed, version)).then_some(worker))
    }

    fn new_versions<'m>(&'m self, old: Option<&'m Self>) -> impl Iterator<Item = usize> + 'm {
        (0..self.versions.len()).filter(move |place| old.and_then(|old| old.same(&self.deployed, *place)).is_none())
    }

    /// Versions that requests will reach from now on, if there are requests.
    fn to_warm(&self, old: &Self) -> Vec<Arc<Worker>> {
        if old.versions.iter().all(|worker| worker.isolates() == 0) {
            return Vec::new();
        }
        let was_reached = |worker: &Arc<Worker>| {
            old.deployed
                .versions
                .iter()
                .zip(&old.versions)
                .any(|(version, other)| version.share > 0.0 && Arc::ptr_eq(worker, other))
        };
        let wanted = self.deployed.versions.iter().zip(&self.versions).filter(|(version, _)| version.share > 0.0);
        wanted.map(|(_, worker)| worker).filter(|worker| !was_reached(worker)).cloned().collect()
    }
}

impl Maker {
    fn worker(&self, deployed: &Arc<DeployedWorker>, place: usize) -> Arc<Worker> {
        let version = &deployed.versions[place];
        let DeployedOptions { limits, egress, objects, observer } = &self.options;
        let options = WorkerOptions {
            tenant: Tenant::of(&deployed.account),
            scope: deployed.account.as_str().into(),
            name: deployed.name.as_str().into(),
            directory: self.directory.clone(),
            objects: objects.clone(),
            limits: limits_of(version.limits, limits),
            egress: egress.clone(),
            origin: None,
        };
        let counted = Counted::new(observer(deployed, &version.id), self.book.clone(), &deployed.id, &version.id);
        let worker = Worker::new(options, self.isolates.clone(), counted);
        worker.install_stored(StoredVersion { store: self.store.clone(), worker: deployed.clone(), place });
        worker
    }
}
