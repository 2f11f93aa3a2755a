//! An e-voucher that a library of the province scans and decodes by itself: the scanner is lent to it for the call.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use zhijie_desk::Peer;
use zhijie_devicelink::Devices;
use zhijie_model::Fault;
use zhijie_ports::{DeviceFault, LibraryProblem};
use zhijie_settlement::Operator;
use zhijie_wire::{InquiryReply, VoucherUse, read_voucher};

use super::identity::{Shown, of_voucher};
use super::{Services, core_fault};
use crate::faults;

/// The library in a helper of its own, and whose turn it is.
#[derive(Debug, Clone)]
pub(crate) struct VoucherDesk {
    pub(super) library: Devices,
    turn: Arc<Mutex<()>>,
}

impl VoucherDesk {
    pub(crate) fn new(library: Devices) -> Self {
        Self {
            library,
            turn: Arc::default(),
        }
    }
}

impl Services {
    /// The scanner goes back whatever becomes of the call: the loan ends with it.
    pub(super) async fn voucher_by_library(
        &self,
        peer: &Peer,
        usage: VoucherUse,
        operator: &Operator,
        patience: Duration,
    ) -> Result<Shown, Fault> {
        let marker = "identity.read";
        let failed = |fault: DeviceFault| faults::of_voucher_library(&fault, marker);
        let Some(desk) = &self.voucher_library else {
            let problem = LibraryProblem::Missing;
            return Err(failed(DeviceFault::VendorUnusable { problem }));
        };
        let Ok(_turn) = desk.turn.try_lock() else {
            return Err(failed(DeviceFault::ReadInProgress));
        };
        let message_id = self.core.new_message_id().await.map_err(core_fault)?;
        let request = self
            .platform
            .voucher_request(usage, &self.counter(), operator, message_id)
            .map_err(|_| failed(DeviceFault::VendorGarbled { field: 0 }))?;
        let today = zhijie_model::business_day(self.clock.now());
        let decoded = async {
            let _lent = self.devices.lend_scanner().await?;
            desk.library.voucher(request, today, patience).await
        };
        let told = tokio::select! {
            told = decoded => told,
            () = peer.hung_up() => Err(DeviceFault::Cancelled),
        };
        let told = told.map_err(failed)?;
        match read_voucher(&told, self.platform.profile()) {
            Ok(InquiryReply::Voucher(voucher)) => Ok(of_voucher(voucher)),
            Ok(other) => Err(super::person::not_that(Ok(other), marker)),
            Err(_) => Err(failed(DeviceFault::VendorGarbled { field: 0 })),
        }
    }
}
