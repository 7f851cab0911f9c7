//! The few calls that the Python package makes fast, as PyO3 would do them: for comparison only.
//! Brief work keeps the GIL; batches and orders release it, as they do in the package.

use std::time::Duration;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;
use tinywindow::signing::{self, Context, Signature};

fn failed(error: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(error.to_string())
}

#[pyfunction]
fn sign<'py>(py: Python<'py>, key: &[u8], payload: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    let signature = signing::sign_with_context(key, Context::Payload, payload).map_err(failed)?;
    Ok(PyBytes::new(py, &signature))
}

#[pyfunction]
fn verify(key: &[u8], payload: &[u8], signature: &[u8]) -> bool {
    signing::verify(key, payload, signature)
}

#[pyclass(frozen)]
struct Signer(signing::Signer);

#[pymethods]
impl Signer {
    #[new]
    fn new(key: &[u8]) -> PyResult<Self> {
        signing::Signer::new(key).map(Signer).map_err(failed)
    }

    fn sign<'py>(&self, py: Python<'py>, payload: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        let signature = self.0.sign(Context::Payload, payload).map_err(failed)?;
        Ok(PyBytes::new(py, &signature))
    }

    /// `sign` with the GIL released.
    fn sign_released<'py>(&self, py: Python<'py>, payload: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        let signature = py.detach(|| self.0.sign(Context::Payload, payload)).map_err(failed)?;
        Ok(PyBytes::new(py, &signature))
    }

    fn sign_batch<'py>(
        &self,
        py: Python<'py>,
        payloads: Vec<PyBackedBytes>,
    ) -> PyResult<Vec<Bound<'py, PyBytes>>> {
        let sign = |payload: &PyBackedBytes| self.0.sign(Context::Payload, payload);
        let signatures: Result<Vec<Signature>, _> =
            py.detach(|| payloads.iter().map(sign).collect());
        Ok(signatures.map_err(failed)?.iter().map(|bytes| PyBytes::new(py, bytes)).collect())
    }
}

#[pyclass(frozen)]
struct Verifier(signing::Verifier);

#[pymethods]
impl Verifier {
    #[new]
    fn new(key: &[u8]) -> PyResult<Self> {
        signing::Verifier::new(key).map(Verifier).map_err(failed)
    }

    fn verify(&self, payload: &[u8], signature: &[u8]) -> bool {
        self.0.verify(Context::Payload, payload, signature).is_ok()
    }
}

#[pyclass(frozen)]
struct OrderAck(tinywindow::gateway::OrderAck);

#[pymethods]
impl OrderAck {
    #[getter]
    fn accepted(&self) -> bool {
        self.0.accepted
    }

    #[getter]
    fn order_id(&self) -> u64 {
        self.0.order_id
    }
}

#[pyclass(frozen)]
struct Gateway(tinywindow::Gateway);

#[pymethods]
impl Gateway {
    #[new]
    fn new(config: &str) -> PyResult<Self> {
        tinywindow::Gateway::open(config).map(Gateway).map_err(failed)
    }

    fn add_key(&self, session_id: u64, key: &[u8]) -> PyResult<()> {
        self.0.add_key(session_id, key).map_err(failed)
    }

    #[pyo3(signature = (frame, timeout = 1.0))]
    fn send_order(&self, py: Python<'_>, frame: &[u8], timeout: f64) -> PyResult<OrderAck> {
        let timeout = Duration::try_from_secs_f64(timeout).map_err(failed)?;
        py.detach(|| self.0.send(frame, timeout)).map(OrderAck).map_err(failed)
    }
}

#[pymodule]
fn tinywindow_pyo3(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(sign, module)?)?;
    module.add_function(wrap_pyfunction!(verify, module)?)?;
    module.add_class::<Signer>()?;
    module.add_class::<Verifier>()?;
    module.add_class::<Gateway>()
}
