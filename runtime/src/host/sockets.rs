//! What comes on WebSockets whose far end is the host.

use std::time::Instant;

use skerry_js_api::Ports;
use skerry_messages::{FromIsolate, SocketId, SocketMessage};

use super::Host;

impl Host {
    pub(super) fn take_socket(&mut self, socket: SocketId, message: SocketMessage) {
        let op_state = self.isolate.op_state.clone();
        let bytes = message.weight();
        self.sampler.renew();
        op_state.borrow_mut().borrow_mut::<Ports>().renew_sockets();
        if message.is_last()
            && let Some(event) = op_state.borrow_mut().borrow_mut::<Ports>().socket_ended(socket)
        {
            // What it still does is limited in time from now on.
            let now = Instant::now();
            self.lingering.push(now + self.limits.wait_until, event);
            if let Some(limit) = self.limits.event {
                self.timed.push(now + limit, event);
            }
        }
        {
            deno_core::scope!(scope, self.isolate.js);
            self.isolate.hooks.socket(scope, socket, message);
            scope.perform_microtask_checkpoint();
        }
        let message = SocketMessage::Credit { bytes };
        op_state.borrow().borrow::<Ports>().send(FromIsolate::Socket { socket, message });
    }
}
