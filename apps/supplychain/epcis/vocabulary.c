// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/epcis/vocabulary.h"

#include <stdlib.h>

#include "apps/supplychain/epcis/identifier.h"
#include "apps/supplychain/epcis/scalar.h"

#define CBV "https://ref.gs1.org/cbv/"
#define VOC "https://gs1.org/voc/"

static const char *const actions[] = {"ADD", "DELETE", "OBSERVE"};
static const char *const event_types[] = {"AggregationEvent", "AssociationEvent", "ObjectEvent",
                                          "TransactionEvent", "TransformationEvent"};
static const char *const biz_steps[] = {"accepting",
                                        "arriving",
                                        "assembling",
                                        "collecting",
                                        "commissioning",
                                        "consigning",
                                        "creating_class_instance",
                                        "cycle_counting",
                                        "decommissioning",
                                        "departing",
                                        "destroying",
                                        "disassembling",
                                        "dispensing",
                                        "encoding",
                                        "entering_exiting",
                                        "holding",
                                        "inspecting",
                                        "installing",
                                        "killing",
                                        "loading",
                                        "other",
                                        "packing",
                                        "picking",
                                        "receiving",
                                        "removing",
                                        "repackaging",
                                        "repairing",
                                        "replacing",
                                        "reserving",
                                        "retail_selling",
                                        "sampling",
                                        "sensor_reporting",
                                        "shipping",
                                        "staging_outbound",
                                        "stock_taking",
                                        "stocking",
                                        "storing",
                                        "transporting",
                                        "unloading",
                                        "unpacking",
                                        "void_shipping"};
static const char *const dispositions[] = {"active",
                                           "available",
                                           "completeness_inferred",
                                           "completeness_verified",
                                           "conformant",
                                           "container_closed",
                                           "container_open",
                                           "damaged",
                                           "destroyed",
                                           "dispensed",
                                           "disposed",
                                           "encoded",
                                           "expired",
                                           "in_progress",
                                           "in_transit",
                                           "inactive",
                                           "mismatch_class",
                                           "mismatch_instance",
                                           "mismatch_quantity",
                                           "needs_replacement",
                                           "no_pedigree_match",
                                           "non_conformant",
                                           "non_sellable_other",
                                           "partially_dispensed",
                                           "recalled",
                                           "reserved",
                                           "retail_sold",
                                           "returned",
                                           "sellable_accessible",
                                           "sellable_not_accessible",
                                           "stolen",
                                           "unavailable",
                                           "unknown"};
static const char *const error_reasons[] = {"did_not_occur", "incorrect_data"};
static const char *const transactions[] = {"bol",     "cert",    "desadv",    "inv",    "pedigree",
                                           "po",      "poc",     "prodorder", "recadv", "rma",
                                           "testprd", "testres", "upevt"};
static const char *const sources[] = {"location", "owning_party", "possessing_party"};
static const char *const measurements[] = {"AbsoluteHumidity",
                                           "AbsorbedDose",
                                           "AbsorbedDoseRate",
                                           "Acceleration",
                                           "Altitude",
                                           "AmountOfSubstance",
                                           "AmountOfSubstancePerUnitVolume",
                                           "Angle",
                                           "AngularAcceleration",
                                           "AngularMomentum",
                                           "AngularVelocity",
                                           "Area",
                                           "Capacitance",
                                           "Conductance",
                                           "Conductivity",
                                           "Count",
                                           "Density",
                                           "Dimensionless",
                                           "DoseEquivalent",
                                           "DoseEquivalentRate",
                                           "DynamicViscosity",
                                           "ElectricCharge",
                                           "ElectricCurrent",
                                           "ElectricCurrentDensity",
                                           "ElectricFieldStrength",
                                           "Energy",
                                           "Exposure",
                                           "Force",
                                           "Frequency",
                                           "Illuminance",
                                           "Inductance",
                                           "Irradiance",
                                           "KinematicViscosity",
                                           "Length",
                                           "LinearMomentum",
                                           "Luminance",
                                           "LuminousFlux",
                                           "LuminousIntensity",
                                           "MagneticFlux",
                                           "MagneticFluxDensity",
                                           "MagneticVectorPotential",
                                           "Mass",
                                           "MassConcentration",
                                           "MassFlowRate",
                                           "MassPerAreaTime",
                                           "MemoryCapacity",
                                           "MolalityOfSolute",
                                           "MolarEnergy",
                                           "MolarMass",
                                           "MolarVolume",
                                           "Power",
                                           "Pressure",
                                           "RadiantFlux",
                                           "RadiantIntensity",
                                           "Radioactivity",
                                           "RelativeHumidity",
                                           "Resistance",
                                           "Resistivity",
                                           "SolidAngle",
                                           "SpecificVolume",
                                           "Speed",
                                           "SurfaceDensity",
                                           "SurfaceTension",
                                           "Temperature",
                                           "Time",
                                           "Torque",
                                           "Voltage",
                                           "Volume",
                                           "VolumeFlowRate",
                                           "VolumeFraction",
                                           "VolumetricFlux",
                                           "Wavenumber"};

#define WORDS(words, iri, noun) \
    { words, sizeof(words) / sizeof *(words), iri, noun }

const struct vocabulary_words *vocabulary_words(enum vocabulary vocabulary) {
    static const struct vocabulary_words all[] = {
        [VOCABULARY_NONE] = {NULL, 0, "", "a URI"},
        [VOCABULARY_ACTION] = WORDS(actions, "", "an action"),
        [VOCABULARY_EVENT_TYPE] = WORDS(event_types, "", "a type of event"),
        [VOCABULARY_BIZ_STEP] = WORDS(biz_steps, CBV "BizStep-", "a business step"),
        [VOCABULARY_DISPOSITION] = WORDS(dispositions, CBV "Disp-", "a disposition"),
        [VOCABULARY_ERROR_REASON] = WORDS(error_reasons, CBV "ER-", "an error reason"),
        [VOCABULARY_TRANSACTION] =
            WORDS(transactions, CBV "BTT-", "a type of business transaction"),
        [VOCABULARY_SOURCE] = WORDS(sources, CBV "SDT-", "a type of source or destination"),
        [VOCABULARY_MEASUREMENT] = WORDS(measurements, VOC, "a type of measurement"),
    };
    return &all[vocabulary];
}

static int compare_words(const void *key, const void *word) {
    return bytes_compare(*(const struct bytes *)key, bytes_of_string(*(const char *const *)word));
}

bool vocabulary_has(enum vocabulary vocabulary, struct bytes word) {
    const struct vocabulary_words *words = vocabulary_words(vocabulary);
    return words->count > 0 &&
           bsearch(&word, words->words, words->count, sizeof *words->words, compare_words) != NULL;
}

// ---- forms

// What vocabularies were called before, and under which other addresses they are met.
static const struct {
    const char *before;
    const char *now;
} urns[] =
    {
        {"urn:epcglobal:cbv:bizstep:", CBV "BizStep-"}, {"urn:epcglobal:cbv:disp:", CBV "Disp-"},
        {"urn:epcglobal:cbv:btt:", CBV "BTT-"},         {"urn:epcglobal:cbv:sdt:", CBV "SDT-"},
        {"urn:epcglobal:cbv:er:", CBV "ER-"},
},
  addresses[] = {
      {"http://ref.gs1.org/cbv/", CBV},
      {"https://ns.gs1.org/cbv/", CBV},
      {"http://ns.gs1.org/cbv/", CBV},
      {"http://gs1.org/voc/", VOC},
      {"https://www.gs1.org/voc/", VOC},
      {"http://www.gs1.org/voc/", VOC},
      {"urn:epcglobal:cbv:mda#", "urn:epcglobal:cbv:mda:"},
};

static bool append_behind(struct buf *out, struct bytes text, const char *before, const char *now) {
    struct bytes prefix = bytes_of_string(before);
    if (!bytes_start_with(text, prefix)) return false;
    buf_append_string(out, now);
    buf_append(out, bytes_of(text.data + prefix.len, text.len - prefix.len));
    return true;
}

bool vocabulary_append_urn(struct buf *out, struct bytes text) {
    for (size_t i = 0; i < sizeof urns / sizeof *urns; i++)
        if (append_behind(out, text, urns[i].before, urns[i].now)) return true;
    return false;
}

static void append_uri(struct buf *out, struct bytes text) {
    if (vocabulary_append_urn(out, text)) return;
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
        if (append_behind(out, text, addresses[i].before, addresses[i].now)) return;
    if (!identifier_canonicalise(out, text)) buf_append(out, text);
}

void vocabulary_append_value(struct buf *out, enum vocabulary vocabulary, struct bytes text,
                             const struct epcis_context *context) {
    struct bytes iri, rest;
    struct buf whole = {0};
    text = scalar_trim(text);
    if (text.len > 0 && !memchr(text.data, ':', text.len)) {
        buf_append_string(out, vocabulary_words(vocabulary)->iri);
        buf_append(out, text);
    } else if (epcis_context_expand(context, text, &iri, &rest)) {
        buf_append(&whole, iri);
        buf_append(&whole, rest);
        append_uri(out, buf_bytes(&whole));
        buf_clear(&whole);
    } else {
        append_uri(out, text);
    }
}

struct bytes vocabulary_short_form(enum vocabulary vocabulary, struct bytes value) {
    struct bytes iri = bytes_of_string(vocabulary_words(vocabulary)->iri);
    if (!bytes_start_with(value, iri)) return value;
    struct bytes word = bytes_of(value.data + iri.len, value.len - iri.len);
    return vocabulary_has(vocabulary, word) ? word : value;
}
