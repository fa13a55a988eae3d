//! Starts processes, all from one thread that lives as long as the front: a cell ends with the thread that has started it.

use std::io;
use std::sync::mpsc;

type Order = Box<dyn FnOnce() + Send>;

pub(super) struct Spawner(mpsc::Sender<Order>);

impl Spawner {
    pub fn start(runtime: tokio::runtime::Handle) -> io::Result<Self> {
        let (orders, received) = mpsc::channel::<Order>();
        std::thread::Builder::new().name("cell spawner".into()).spawn(move || {
            let _entered = runtime.enter();
            received.iter().for_each(|order| order());
        })?;
        Ok(Self(orders))
    }

    /// Has it done there, and waits for it: a millisecond.
    pub fn run<T: Send + 'static>(&self, start: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
        let (done, outcome) = mpsc::sync_channel(1);
        let gone = || io::Error::other("the thread that starts cells is gone");
        self.0.send(Box::new(move || drop(done.send(start())))).map_err(|_| gone())?;
        outcome.recv().map_err(|_| gone())?
    }
}
