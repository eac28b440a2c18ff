// _core.Plan. Only the core makes one: the class has no constructor and no subclasses, so there is none without a plan.
#include "plan.h"

#include <structmember.h>

#include <cstddef>

#include "../convx/conv/winograd.h"
#include "../convx/runtime/trace.h"
#include "call.h"

namespace convx::bindings {
namespace {

struct PlanObject {
    PyObject_HEAD;
    PyObject* weak_references;
    vectorcallfunc call;
    Plan* plan;
};

PyTypeObject* type = nullptr;

Plan& plan_of(PyObject* self) { return *reinterpret_cast<PlanObject*>(self)->plan; }

void tell_weight(const Plan& plan) {
    if (plan.plain_weight()) return tell("weight", plan.plain_weight());
    trace::tell([&](trace::Call& call) {
        const Shape& shape = plan.weight_shape();
        call.array("weight", dtype_name(plan.dtype()).c_str(), shape.data(), static_cast<int>(shape.size()), nullptr);
    });
}

PyObject* call_plan(PyObject* self, PyObject* const* values, size_t count, PyObject* names) {
    const Py_ssize_t given = PyVectorcall_NARGS(count);
    if (given < 2 || given > 3 || names) {
        PyErr_SetString(PyExc_TypeError, "a plan takes its input and out, and perhaps a residual");
        return nullptr;
    }
    return guarded([&] {
        Plan& plan = plan_of(self);
        const trace::Call traced(plan.function());
        tell_weight(plan);
        return plan.call(values[0], values[1], given > 2 ? values[2] : Py_None);
    });
}

void destroy(PyObject* self) {
    auto* const object = reinterpret_cast<PlanObject*>(self);
    if (object->weak_references) PyObject_ClearWeakRefs(self);
    delete object->plan;
    PyObject_Free(self);
    Py_DECREF(type);
}

// What a plan tells of a shape is told of one image where there is none: no call computes an empty batch.
ConvShape not_empty(ConvShape shape) {
    if (shape.n == 0) shape.n = 1;
    return shape;
}

PyObject* output_shape(PyObject* self, PyObject* input_shape) {
    return guarded([&] {
        const Plan& plan = plan_of(self);
        const ConvSpec& spec = plan.spec();
        return to_python(in_format(plan.result_shape(shape_of(plan, input_shape)), spec.rank, spec.format));
    });
}

PyObject* workspace_bytes(PyObject* self, PyObject* input_shape) {
    return guarded([&] {
        Plan& plan = plan_of(self);
        const ConvShape shape = not_empty(shape_of(plan, input_shape));
        return to_python(plan.workspace_bytes(shape));
    });
}

PyObject* algorithm_for(PyObject* self, PyObject* input_shape) {
    return guarded([&] {
        Plan& plan = plan_of(self);
        const ConvShape shape = not_empty(shape_of(plan, input_shape));
        return to_python(plan.algorithm_for(shape).c_str());
    });
}

PyObject* candidates(PyObject* self, PyObject* input_shape) {
    return guarded([&] {
        Plan& plan = plan_of(self);
        const ConvShape shape = shape_of(plan, input_shape);
        if (plan.algorithm() != "auto")
            fail(plan.function(), "algorithm must be 'auto' to be tuned", "'" + plan.algorithm() + "'");
        if (shape.n == 0) fail(plan.function(), "input_shape must have an image to be tuned for", shown(input_shape));
        const Candidates found = plan.candidates(shape);
        return make_tuple({to_python(found.algorithms), to_python(int64_t{found.threads}),
                           to_python(winograd::name_of(found.level))});
    });
}

PyObject* preferring(PyObject* self, PyObject* algorithm) {
    return guarded([&] {
        const Plan& plan = plan_of(self);
        if (!PyUnicode_Check(algorithm)) type_error(plan.function(), "algorithm", "must be a str", algorithm);
        return to_python(plan.preferring(text_of(algorithm)));
    });
}

PyObject* wisdom(PyObject* self, PyObject*) {
    return guarded([&] { return wisdom_of(plan_of(self).spec()); });
}

PyMethodDef METHODS[] = {
    {"output_shape", output_shape, METH_O, nullptr},
    {"workspace_bytes", workspace_bytes, METH_O, nullptr},
    {"algorithm_for", algorithm_for, METH_O, nullptr},
    {"candidates", candidates, METH_O, nullptr},
    {"preferring", preferring, METH_O, nullptr},
    {"wisdom", wisdom, METH_NOARGS, nullptr},
    {},
};

py::object padding_of(const Plan& plan) {
    static constexpr const char* NAMES_OF[] = {"", "valid", "same", "same_lower", "causal"};
    const PadMode mode = plan.padding().mode;
    if (mode != PadMode::numbers) return to_python(NAMES_OF[static_cast<int>(mode)]);
    const ConvSpec& spec = plan.spec();
    return per_axis(
        spec, [&](int axis) { return make_tuple({to_python(spec.window[axis].lo), to_python(spec.window[axis].hi)}); });
}

// What a plan keeps, which nobody may write to.
py::object view_of(const Array& a) { return a ? call(attribute(a, "view"), {}) : py::none(); }

struct Property {
    const char* name;
    py::object (*of)(const Plan&);
};
constexpr Property PROPERTIES[] = {
    {"algorithm", [](const Plan& p) { return to_python(p.algorithm().c_str()); }},
    {"bias", [](const Plan& p) { return view_of(p.bias()); }},
    {"data_format", [](const Plan& p) { return to_python(name_of(p.spec().format)); }},
    {"dilation",
     [](const Plan& p) { return per_axis(p.spec(), [&](int i) { return to_python(p.spec().window[i].dilation); }); }},
    {"dtype", [](const Plan& p) -> py::object { return p.dtype(); }},
    {"groups", [](const Plan& p) { return to_python(p.spec().groups); }},
    {"output_padding", [](const Plan& p) { return p.output_padding(); }},
    {"output_size", [](const Plan& p) { return p.output_size(); }},
    {"padding", padding_of},
    {"padding_mode", [](const Plan& p) { return to_python(name_of(p.spec().border)); }},
    {"stride",
     [](const Plan& p) { return per_axis(p.spec(), [&](int i) { return to_python(p.spec().window[i].stride); }); }},
    {"weight", [](const Plan& p) { return view_of(p.weight()); }},
    {"weight_shape", [](const Plan& p) { return to_python(p.weight_shape()); }},
};
constexpr size_t PROPERTY_COUNT = sizeof PROPERTIES / sizeof *PROPERTIES;

PyObject* get(PyObject* self, void* property) {
    const auto& asked = *static_cast<const Property*>(property);
    return guarded([&] {
        py::object value = asked.of(plan_of(self));
        if (!value) throw py::attribute_error(std::string("this plan has no ") + asked.name);
        return value;
    });
}

PyMemberDef MEMBERS[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(PlanObject, call), READONLY, nullptr},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(PlanObject, weak_references), READONLY, nullptr},
    {},
};

}  // namespace

Shape parse_shape(const ConvSpec& spec, py::handle value) {
    const Ints in = parse_ints(spec.function, "input_shape", value);
    for (const int64_t n : in.values)
        if (n < 0) fail(spec.function, "input_shape must be >= 0", show(in.values));
    return channels_first(in.values, spec.rank, spec.format);
}

ConvShape shape_of(const Plan& plan, py::handle value) {
    const Shape shape = parse_shape(plan.spec(), value);
    return plan.shape_for(shape.data(), static_cast<int>(shape.size()));
}

void add_plan_type(py::handle module) {
    static PyGetSetDef getters[PROPERTY_COUNT + 1] = {};
    for (size_t i = 0; i < PROPERTY_COUNT; ++i)
        getters[i] = {PROPERTIES[i].name, get, nullptr, nullptr, const_cast<Property*>(PROPERTIES + i)};
    PyType_Slot slots[] = {
        {Py_tp_call, reinterpret_cast<void*>(PyVectorcall_Call)},
        {Py_tp_dealloc, reinterpret_cast<void*>(destroy)},
        {Py_tp_getset, getters},
        {Py_tp_members, MEMBERS},
        {Py_tp_methods, METHODS},
        {},
    };
    PyType_Spec spec{
        "convx._core.Plan", sizeof(PlanObject), 0,
        Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
        slots};
    const py::object made_type = made(PyType_FromSpec(&spec));
    if (PyModule_AddObjectRef(module.ptr(), "Plan", made_type.ptr())) raise();
    type = reinterpret_cast<PyTypeObject*>(py::object(made_type).release().ptr());
}

py::object to_python(std::unique_ptr<Plan> plan) {
    py::object object = made(type->tp_alloc(type, 0));
    auto* const fields = reinterpret_cast<PlanObject*>(object.ptr());
    fields->call = call_plan;
    fields->plan = plan.release();
    return object;
}

}  // namespace convx::bindings
