//! A `metrics` recorder that panics.

use std::sync::Arc;

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};

use crate::hostile_server::{Fuse, a_server_does_all_it_promises};

#[tokio::test]
async fn a_recorder_that_panics_disturbs_no_task_no_hook_and_no_server() {
    for in_register in [true, false] {
        for once in [true, false] {
            let fuse = Fuse::new(once);
            let recorder = PanickingRecorder { in_register, fuse: fuse.clone() };
            let guard = metrics::set_default_local_recorder(&recorder);
            a_server_does_all_it_promises().await;
            drop(guard);
            assert!(fuse.blown() > 0, "nothing was recorded");
        }
    }
}

struct PanickingRecorder {
    /// Else when a number is recorded.
    in_register: bool,
    fuse: Fuse,
}

impl PanickingRecorder {
    fn register(&self) -> Arc<Fuse> {
        if self.in_register {
            self.fuse.blow();
        }
        let once = self.fuse.once || self.in_register;
        Arc::new(Fuse { once, ..self.fuse.clone() })
    }
}

impl Recorder for PanickingRecorder {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.register())
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.register())
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.register())
    }
}

impl CounterFn for Fuse {
    fn increment(&self, _: u64) {
        self.blow();
    }

    fn absolute(&self, _: u64) {
        self.blow();
    }
}

impl GaugeFn for Fuse {
    fn increment(&self, _: f64) {
        self.blow();
    }

    fn decrement(&self, _: f64) {
        self.blow();
    }

    fn set(&self, _: f64) {
        self.blow();
    }
}

impl HistogramFn for Fuse {
    fn record(&self, _: f64) {
        self.blow();
    }
}
