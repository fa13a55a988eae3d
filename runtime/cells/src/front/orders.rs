//! What a cell is told to do: to run a worker, or to compile one.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use skerry_runtime::{IsolateHandle, Job, Limits, WorkerCode};

use super::cell::Cell;
use super::compiler::{Compiler, Compiling};
use super::death::Death;
use super::hosted::Hosted;
use crate::channel::{Kind, order_of, sealed};

/// Code up to this size goes in the frame itself.
const CODE_BYTES_IN_FRAME: usize = 64 << 10;

/// Why a worker is not started in a cell.
pub(super) enum HostError {
    /// It takes nothing any more.
    Gone(Box<Job>),
    Failed(io::Error),
}

impl<E: Into<io::Error>> From<E> for HostError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl Cell {
    /// Starts a worker in it, with what there is compiled of it.
    pub fn host(self: &Arc<Self>, job: Job, compiler: &Compiler) -> Result<Arc<dyn IsolateHandle>, HostError> {
        if !self.takes_work() {
            return Err(HostError::Gone(Box::new(job)));
        }
        self.note_started();
        let number = self.next.fetch_add(1, Ordering::SeqCst);
        let Job { tenant, code, limits, outbox } = job;
        let kept = compiler.kept(&tenant, &code);
        let hosted = Arc::new(Hosted::new(number, self.clone(), tenant, &code, &limits, outbox));
        hosted.set_compiled(kept.given);
        self.hosted.lock().insert(number, hosted.clone());
        let sent = self.send_code(Kind::Start, number, &code, &limits, &kept.modules);
        let sent = sent.and_then(|sent| if sent { Ok(()) } else { Err(io::Error::other("the cell is gone")) });
        if let Err(error) = sent {
            self.hosted.lock().remove(&number);
            hosted.give_back();
            return Err(error.into());
        }
        Ok(hosted)
    }

    /// False when it is gone.
    fn send_code(
        &self,
        kind: Kind,
        number: u32,
        code: &WorkerCode,
        limits: &Limits,
        compiled: &[Option<Arc<[u8]>>],
    ) -> io::Result<bool> {
        let (order, parts) = order_of(code, limits, compiled);
        let head = serde_json::to_vec(&order)?;
        let length: usize = parts.iter().map(|part| part.len()).sum();
        let files = if length > CODE_BYTES_IN_FRAME { vec![sealed("code", &parts)?] } else { Vec::new() };
        let is_inline = files.is_empty();
        Ok(self.link().post(kind, number, files, |out| {
            out.extend_from_slice(&head);
            if is_inline {
                parts.iter().for_each(|part| out.extend_from_slice(part));
            }
        }))
    }

    /// Has it compile modules. False where it cannot.
    pub fn compile(&self, code: &WorkerCode, compiling: Compiling) -> bool {
        *self.compiling.lock() = Some(compiling);
        self.send_code(Kind::Compile, 0, code, &Limits::default(), &[]).unwrap_or(false)
    }

    /// What it says of that.
    pub fn take_compiled(&self, payload: Bytes) -> Result<(), Death> {
        let what = || Death::broken(&"it has compiled what nobody wants compiled");
        self.compiling.lock().as_mut().ok_or_else(what)?.take(payload)
    }
}
