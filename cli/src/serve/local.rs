//! The feed where control plane and edge are one process: revisions are read from the store, and modules from its blobs.

use std::collections::HashSet;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use bytes::Bytes;
use skerry_control::{Api, Control};
use skerry_edge::{BlobError, BlobSource, Deployed, Objects};
use skerry_protocol::Digest;
use tokio::sync::Notify;

use crate::printer::Printer;

/// Revisions that are served in one step.
const AT_ONCE: usize = 100;
/// How often it is looked whether something is missing.
const HEARTBEAT: Duration = Duration::from_millis(250);
/// Of this process among the edges.
const NAME: &str = "local";
/// Before it is tried again what could not be done.
const PAUSE: Duration = Duration::from_secs(1);
/// Before it is tried again to delete objects.
const PAUSE_OF_SWEEPS: Duration = Duration::from_secs(30);

struct ControlBlobs(Arc<Control>);

impl BlobSource for ControlBlobs {
    fn fetch<'a>(&'a self, digest: Digest) -> Pin<Box<dyn Future<Output = Result<Bytes, BlobError>> + Send + 'a>> {
        Box::pin(async move {
            let found = self.0.blob(digest).await.map_err(|error| BlobError::Transport(error.to_string()))?;
            found.ok_or(BlobError::Missing)
        })
    }
}

/// Serves everything that is deployed by now.
pub(super) async fn catch_up(deployed: &mut Deployed, control: &Arc<Control>) -> Result<()> {
    let blobs = Arc::new(ControlBlobs(control.clone()));
    loop {
        let messages = match deployed.position() {
            Some(at) => control.live_changes(at, AT_ONCE).await?,
            None => None,
        };
        match messages {
            Some(messages) if messages.is_empty() => return Ok(()),
            Some(messages) => match deployed.apply_all(messages, &blobs).await {
                Ok(_) => {}
                Err(error) if error.wants_snapshot() => drop(deployed.apply(control.live_snapshot().await?, &blobs).await?),
                Err(error) => return Err(error.into()),
            },
            None => drop(deployed.apply(control.live_snapshot().await?, &blobs).await?),
        }
    }
}

/// Serves what is deployed, as long as it is polled.
pub(super) async fn follow(
    deployed: Deployed,
    control: Arc<Control>,
    api: Arc<Api>,
    objects: Option<Arc<Objects>>,
    printer: Arc<Printer>,
) {
    let served = Notify::new();
    let sweeping = async {
        match objects {
            Some(objects) => sweep(&control, &objects, &served, &printer).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = follow_revisions(deployed, &control, &api, &served, &printer) => {}
        () = sweeping => {}
    }
}

/// Deletes the objects of classes that are deleted, once nobody serves these any more. What a process before has left of it is done first.
async fn sweep(control: &Control, objects: &Objects, served: &Notify, printer: &Printer) {
    let mut done = HashSet::new();
    loop {
        served.notified().await;
        while let Err(error) = sweep_now(control, objects, &mut done).await {
            printer.error(&format!("Objects of a class that was deleted are still there, and are deleted later: {error:#}"));
            tokio::time::sleep(PAUSE_OF_SWEEPS).await;
        }
    }
}

async fn sweep_now(control: &Control, objects: &Objects, done: &mut HashSet<String>) -> Result<()> {
    for namespace in control.deleted_namespaces().await? {
        if !done.contains(&namespace) {
            let count = objects.delete_namespace(&namespace).await?;
            if count > 0 {
                tracing::info!("{count} objects of the namespace {namespace} were deleted with their class");
            }
            done.insert(namespace);
        }
    }
    Ok(())
}

async fn follow_revisions(
    mut deployed: Deployed,
    control: &Arc<Control>,
    api: &Arc<Api>,
    served: &Notify,
    printer: &Arc<Printer>,
) {
    let mut told = None;
    let mut revisions = control.revisions();
    loop {
        if let Err(error) = catch_up(&mut deployed, control).await {
            printer.error(&format!("What was deployed last is not served yet, and is tried again: {error:#}"));
            tokio::time::sleep(PAUSE).await;
            continue;
        }
        if told.as_ref() != deployed.position() {
            told = deployed.position().cloned();
            served.notify_one();
        }
        let compared: Vec<_> =
            api.watched().into_iter().filter(|watched| watched.has_figures).map(|watched| watched.worker).collect();
        api.take_report(NAME, deployed.report("", &compared)).await;
        match tokio::time::timeout(HEARTBEAT, revisions.changed()).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return,
            // What the disk has lost meanwhile is fetched again.
            Err(_) => drop(deployed.tend(&Arc::new(ControlBlobs(control.clone()))).await),
        }
    }
}
