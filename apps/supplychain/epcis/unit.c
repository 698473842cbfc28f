// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/epcis/unit.h"

#include <math.h>
#include <stdlib.h>

#include "chaincore/base/status.h"

#define PI 3.14159265358979323846
#define GRAVITY 9.80665
#define POUND 0.45359237
#define INCH 0.0254
#define FOOT 0.3048
#define MILE 1609.344
#define GALLON_US 3.785411784e-3
#define GALLON_UK 4.54609e-3

// The kind's own unit stands first in its list. What is known exactly is written as it is defined:
// fractions as fractions.
#define OWN(code, kind) \
    { code, kind, 0, 1, 1 }
#define TIMES(code, kind, factor) \
    { code, kind, 0, factor, 1 }
#define PART(code, kind, divisor) \
    { code, kind, 0, 1, divisor }
#define RATIO(code, kind, multiplier, divisor) \
    { code, kind, 0, multiplier, divisor }
#define SCALE(code, kind, shift, multiplier, divisor) \
    { code, kind, shift, multiplier, divisor }

static const struct unit units[] = {
    OWN("KEL", "temperature"),                           // kelvin
    SCALE("CEL", "temperature", 273.15, 1, 1),           // degree Celsius
    SCALE("FAH", "temperature", 459.67, 5, 9),           // degree Fahrenheit
    RATIO("A48", "temperature", 5, 9),                   // degree Rankine
    OWN("P1", "ratio"),                                  // percent: humidity, fractions
    TIMES("C62", "ratio", 100),                          // one
    PART("NX", "ratio", 10),                             // part per thousand
    PART("59", "ratio", 1e4),                            // part per million
    PART("61", "ratio", 1e7),                            // part per billion
    OWN("PAL", "pressure"),                              // pascal
    TIMES("KPA", "pressure", 1e3),                       // kilopascal
    TIMES("MPA", "pressure", 1e6),                       // megapascal
    TIMES("A89", "pressure", 1e9),                       // gigapascal
    TIMES("A97", "pressure", 100),                       // hectopascal
    TIMES("H75", "pressure", 10),                        // decapascal
    PART("74", "pressure", 1e3),                         // millipascal
    PART("B96", "pressure", 1e6),                        // micropascal
    TIMES("BAR", "pressure", 1e5),                       // bar
    TIMES("MBR", "pressure", 100),                       // millibar
    TIMES("C55", "pressure", 1),                         // newton per square metre
    TIMES("C56", "pressure", 1e6),                       // newton per square millimetre
    TIMES("ATM", "pressure", 101325),                    // standard atmosphere
    TIMES("ATT", "pressure", 98066.5),                   // technical atmosphere
    TIMES("B40", "pressure", GRAVITY),                   // kilogram-force per square metre
    TIMES("E42", "pressure", GRAVITY * 1e4),             // kilogram-force per square centimetre
    TIMES("HP", "pressure", GRAVITY),                    // conventional millimetre of water
    TIMES("H78", "pressure", GRAVITY * 10),              // conventional centimetre of water
    RATIO("UA", "pressure", 101325, 760),                // torr
    TIMES("HN", "pressure", 133.322387415),              // conventional millimetre of mercury
    RATIO("PS", "pressure", POUND *GRAVITY, INCH *INCH), // pound-force per square inch
    RATIO("80", "pressure", POUND *GRAVITY, INCH *INCH), // pound per square inch absolute
    OWN("KMQ", "density"),                               // kilogram per cubic metre
    PART("A93", "density", 1e3),                         // gram per cubic metre: absolute humidity
    PART("GP", "density", 1e6),                          // milligram per cubic metre
    PART("GQ", "density", 1e9),                          // microgram per cubic metre
    TIMES("GL", "density", 1),                           // gram per litre
    PART("M1", "density", 1e3),                          // milligram per litre
    PART("H29", "density", 1e6),                         // microgram per litre
    TIMES("23", "density", 1e3),                         // gram per cubic centimetre
    TIMES("GJ", "density", 1e3),                         // gram per millilitre
    TIMES("B35", "density", 1e3),                        // kilogram per litre
    TIMES("B34", "density", 1e3),                        // kilogram per cubic decimetre
    TIMES("D41", "density", 1e3),                        // tonne per cubic metre
    OWN("KGM", "mass"),                                  // kilogram
    PART("GRM", "mass", 1e3),                            // gram
    PART("MGM", "mass", 1e6),                            // milligram
    PART("MC", "mass", 1e9),                             // microgram
    PART("DG", "mass", 1e4),                             // decigram
    PART("CGM", "mass", 1e5),                            // centigram
    PART("HGM", "mass", 10),                             // hectogram
    TIMES("DTN", "mass", 100),                           // decitonne
    TIMES("TNE", "mass", 1e3),                           // tonne
    TIMES("LBR", "mass", POUND),                         // pound
    RATIO("ONZ", "mass", POUND, 16),                     // ounce (avoirdupois)
    TIMES("APZ", "mass", 0.0311034768),                  // troy ounce
    TIMES("STI", "mass", POUND * 14),                    // stone (UK)
    TIMES("STN", "mass", POUND * 2000),                  // ton (US)
    TIMES("LTN", "mass", POUND * 2240),                  // ton (UK)
    TIMES("GRN", "mass", 6.479891e-5),                   // grain
    OWN("MTR", "length"),                                // metre
    PART("DMT", "length", 10),                           // decimetre
    PART("CMT", "length", 100),                          // centimetre
    PART("MMT", "length", 1e3),                          // millimetre
    PART("4H", "length", 1e6),                           // micrometre
    PART("C45", "length", 1e9),                          // nanometre
    PART("A11", "length", 1e10),                         // angstrom
    TIMES("A45", "length", 10),                          // decametre
    TIMES("HMT", "length", 100),                         // hectometre
    TIMES("KMT", "length", 1e3),                         // kilometre
    TIMES("INH", "length", INCH),                        // inch
    TIMES("FOT", "length", FOOT),                        // foot
    TIMES("YRD", "length", FOOT * 3),                    // yard
    TIMES("SMI", "length", MILE),                        // statute mile
    TIMES("NMI", "length", 1852),                        // nautical mile
    TIMES("AK", "length", FOOT * 6),                     // fathom
    OWN("MTK", "area"),                                  // square metre
    PART("DMK", "area", 100),                            // square decimetre
    PART("CMK", "area", 1e4),                            // square centimetre
    PART("MMK", "area", 1e6),                            // square millimetre
    TIMES("ARE", "area", 100),                           // are
    TIMES("HAR", "area", 1e4),                           // hectare
    TIMES("KMK", "area", 1e6),                           // square kilometre
    TIMES("INK", "area", INCH *INCH),                    // square inch
    TIMES("FTK", "area", FOOT *FOOT),                    // square foot
    TIMES("YDK", "area", FOOT *FOOT * 9),                // square yard
    TIMES("MIK", "area", MILE *MILE),                    // square mile
    OWN("MTQ", "volume"),                                // cubic metre
    PART("LTR", "volume", 1e3),                          // litre
    PART("DMQ", "volume", 1e3),                          // cubic decimetre
    PART("DLT", "volume", 1e4),                          // decilitre
    PART("CLT", "volume", 1e5),                          // centilitre
    PART("MLT", "volume", 1e6),                          // millilitre
    PART("CMQ", "volume", 1e6),                          // cubic centimetre
    PART("MMQ", "volume", 1e9),                          // cubic millimetre
    PART("4G", "volume", 1e9),                           // microlitre
    PART("A44", "volume", 100),                          // decalitre
    PART("HLT", "volume", 10),                           // hectolitre
    TIMES("K6", "volume", 1),                            // kilolitre
    TIMES("MAL", "volume", 1e3),                         // megalitre
    TIMES("INQ", "volume", INCH *INCH *INCH),            // cubic inch
    TIMES("FTQ", "volume", FOOT *FOOT *FOOT),            // cubic foot
    TIMES("YDQ", "volume", FOOT *FOOT *FOOT * 27),       // cubic yard
    TIMES("GLL", "volume", GALLON_US),                   // gallon (US)
    TIMES("GLI", "volume", GALLON_UK),                   // gallon (UK)
    RATIO("QTL", "volume", GALLON_US, 4),                // liquid quart (US)
    RATIO("PTL", "volume", GALLON_US, 8),                // liquid pint (US)
    RATIO("OZA", "volume", GALLON_US, 128),              // fluid ounce (US)
    RATIO("QTI", "volume", GALLON_UK, 4),                // quart (UK)
    RATIO("PTI", "volume", GALLON_UK, 8),                // pint (UK)
    RATIO("OZI", "volume", GALLON_UK, 160),              // fluid ounce (UK)
    TIMES("BLL", "volume", GALLON_US * 42),              // barrel (US)
    OWN("SEC", "time"),                                  // second
    PART("C26", "time", 1e3),                            // millisecond
    PART("B98", "time", 1e6),                            // microsecond
    PART("C47", "time", 1e9),                            // nanosecond
    TIMES("MIN", "time", 60),                            // minute
    TIMES("HUR", "time", 3600),                          // hour
    TIMES("DAY", "time", 86400),                         // day
    TIMES("WEE", "time", 604800),                        // week
    OWN("HTZ", "frequency"),                             // hertz
    TIMES("KHZ", "frequency", 1e3),                      // kilohertz
    TIMES("MHZ", "frequency", 1e6),                      // megahertz
    TIMES("A86", "frequency", 1e9),                      // gigahertz
    TIMES("D29", "frequency", 1e12),                     // terahertz
    OWN("MTS", "speed"),                                 // metre per second
    PART("KMH", "speed", 3.6),                           // kilometre per hour
    TIMES("HM", "speed", MILE / 3600),                   // mile per hour
    RATIO("KNT", "speed", 1852, 3600),                   // knot
    TIMES("FS", "speed", FOOT),                          // foot per second
    PART("2M", "speed", 100),                            // centimetre per second
    PART("C16", "speed", 1e3),                           // millimetre per second
    PART("2X", "speed", 60),                             // metre per minute
    OWN("MSK", "acceleration"),                          // metre per second squared
    TIMES("K40", "acceleration", GRAVITY),               // standard acceleration of free fall
    PART("M39", "acceleration", 100),                    // centimetre per second squared
    PART("M41", "acceleration", 1e3),                    // millimetre per second squared
    PART("A76", "acceleration", 100),                    // gal
    TIMES("A73", "acceleration", FOOT),                  // foot per second squared
    TIMES("IV", "acceleration", INCH),                   // inch per second squared
    OWN("C81", "angle"),                                 // radian
    PART("C25", "angle", 1e3),                           // milliradian
    RATIO("DD", "angle", PI, 180),                       // degree
    RATIO("D61", "angle", PI, 10800),                    // minute of arc
    RATIO("D62", "angle", PI, 648000),                   // second of arc
    RATIO("A91", "angle", PI, 200),                      // gon
    TIMES("M44", "angle", 2 * PI),                       // revolution
    OWN("2A", "angular velocity"),                       // radian per second
    RATIO("RPM", "angular velocity", PI, 30),            // revolution per minute
    TIMES("RPS", "angular velocity", 2 * PI),            // revolution per second
    RATIO("E96", "angular velocity", PI, 180),           // degree per second
    OWN("NEW", "force"),                                 // newton
    TIMES("B47", "force", 1e3),                          // kilonewton
    TIMES("B73", "force", 1e6),                          // meganewton
    PART("C20", "force", 1e3),                           // millinewton
    PART("DU", "force", 1e5),                            // dyne
    TIMES("B37", "force", GRAVITY),                      // kilogram-force
    TIMES("B51", "force", GRAVITY),                      // kilopond
    TIMES("C78", "force", POUND *GRAVITY),               // pound-force
    OWN("NU", "torque"),                                 // newton metre
    TIMES("B48", "torque", 1e3),                         // kilonewton metre
    PART("D83", "torque", 1e3),                          // millinewton metre
    PART("J72", "torque", 100),                          // centinewton metre
    TIMES("M92", "torque", POUND *GRAVITY *FOOT),        // pound-force foot
    TIMES("F21", "torque", POUND *GRAVITY *INCH),        // pound-force inch
    OWN("JOU", "energy"),                                // joule
    PART("C15", "energy", 1e3),                          // millijoule
    TIMES("KJO", "energy", 1e3),                         // kilojoule
    TIMES("3B", "energy", 1e6),                          // megajoule
    TIMES("GV", "energy", 1e9),                          // gigajoule
    TIMES("WHR", "energy", 3600),                        // watt hour
    TIMES("KWH", "energy", 3.6e6),                       // kilowatt hour
    TIMES("MWH", "energy", 3.6e9),                       // megawatt hour
    TIMES("GWH", "energy", 3.6e12),                      // gigawatt hour
    TIMES("J55", "energy", 1),                           // watt second
    TIMES("E14", "energy", 4186.8),                      // kilocalorie (international table)
    TIMES("K53", "energy", 4184),                        // kilocalorie (thermochemical)
    TIMES("D70", "energy", 4.1868),                      // calorie (international table)
    TIMES("BTU", "energy", 1055.05585262),     // British thermal unit (international table)
    OWN("WTT", "power"),                       // watt
    PART("C31", "power", 1e3),                 // milliwatt
    PART("D80", "power", 1e6),                 // microwatt
    TIMES("KWT", "power", 1e3),                // kilowatt
    TIMES("MAW", "power", 1e6),                // megawatt
    TIMES("A90", "power", 1e9),                // gigawatt
    TIMES("HJ", "power", GRAVITY * 75),        // metric horse power
    OWN("AMP", "current"),                     // ampere
    PART("4K", "current", 1e3),                // milliampere
    PART("B84", "current", 1e6),               // microampere
    PART("C39", "current", 1e9),               // nanoampere
    TIMES("B22", "current", 1e3),              // kiloampere
    OWN("COU", "charge"),                      // coulomb
    PART("D86", "charge", 1e3),                // millicoulomb
    PART("B86", "charge", 1e6),                // microcoulomb
    TIMES("A8", "charge", 1),                  // ampere second
    TIMES("AMH", "charge", 3600),              // ampere hour
    TIMES("E09", "charge", 3.6),               // milliampere hour
    OWN("VLT", "voltage"),                     // volt
    PART("2Z", "voltage", 1e3),                // millivolt
    PART("D82", "voltage", 1e6),               // microvolt
    TIMES("KVT", "voltage", 1e3),              // kilovolt
    TIMES("B78", "voltage", 1e6),              // megavolt
    OWN("OHM", "resistance"),                  // ohm
    PART("E45", "resistance", 1e3),            // milliohm
    TIMES("B49", "resistance", 1e3),           // kiloohm
    TIMES("B75", "resistance", 1e6),           // megaohm
    OWN("SIE", "conductance"),                 // siemens
    PART("C27", "conductance", 1e3),           // millisiemens
    PART("B99", "conductance", 1e6),           // microsiemens
    OWN("D10", "conductivity"),                // siemens per metre
    PART("H61", "conductivity", 10),           // millisiemens per centimetre
    PART("G42", "conductivity", 1e4),          // microsiemens per centimetre
    OWN("FAR", "capacitance"),                 // farad
    PART("4O", "capacitance", 1e6),            // microfarad
    PART("C41", "capacitance", 1e9),           // nanofarad
    PART("4T", "capacitance", 1e12),           // picofarad
    OWN("81", "inductance"),                   // henry
    PART("C14", "inductance", 1e3),            // millihenry
    PART("B90", "inductance", 1e6),            // microhenry
    OWN("WEB", "magnetic flux"),               // weber
    PART("C33", "magnetic flux", 1e3),         // milliweber
    OWN("D33", "magnetic flux density"),       // tesla
    PART("C29", "magnetic flux density", 1e3), // millitesla
    PART("D81", "magnetic flux density", 1e6), // microtesla
    OWN("LUX", "illuminance"),                 // lux
    TIMES("KLX", "illuminance", 1e3),          // kilolux
    TIMES("B60", "illuminance", 1),            // lumen per square metre
    OWN("CDL", "luminous intensity"),          // candela
    PART("P34", "luminous intensity", 1e3),    // millicandela
    OWN("D54", "irradiance"),                  // watt per square metre
    PART("C32", "irradiance", 1e3),            // milliwatt per square metre
    OWN("C34", "amount of substance"),         // mole
    PART("C18", "amount of substance", 1e3),   // millimole
    PART("FH", "amount of substance", 1e6),    // micromole
    TIMES("B45", "amount of substance", 1e3),  // kilomole
    OWN("BQL", "radioactivity"),               // becquerel
    TIMES("2Q", "radioactivity", 1e3),         // kilobecquerel
    TIMES("4N", "radioactivity", 1e6),         // megabecquerel
    TIMES("GBQ", "radioactivity", 1e9),        // gigabecquerel
    TIMES("CUR", "radioactivity", 3.7e10),     // curie
    OWN("A95", "absorbed dose"),               // gray
    PART("C13", "absorbed dose", 1e3),         // milligray
    PART("C80", "absorbed dose", 100),         // rad
    OWN("D13", "dose equivalent"),             // sievert
    PART("C28", "dose equivalent", 1e3),       // millisievert
    PART("D91", "dose equivalent", 100),       // rem
    OWN("MQS", "volume flow"),                 // cubic metre per second
    PART("MQH", "volume flow", 3600),          // cubic metre per hour
    PART("L2", "volume flow", 6e4),            // litre per minute
    PART("G51", "volume flow", 1e3),           // litre per second
    OWN("KGS", "mass flow"),                   // kilogram per second
    PART("E93", "mass flow", 3600),            // kilogram per hour
    OWN("C65", "dynamic viscosity"),           // pascal second
    PART("C24", "dynamic viscosity", 1e3),     // millipascal second
    OWN("AD", "memory"),                       // byte
    PART("A99", "memory", 8),                  // bit
    TIMES("2P", "memory", 1e3),                // kilobyte
    TIMES("4L", "memory", 1e6),                // megabyte
    TIMES("E34", "memory", 1e9),               // gigabyte
    TIMES("E35", "memory", 1e12),              // terabyte
};

const struct unit *unit_find(struct bytes code) {
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (bytes_equal(code, bytes_of_string(units[i].code))) return &units[i];
    return NULL;
}

// To so many decimal digits as doubles can be asked to agree on after a multiplication or two.
static double rounded(double value) {
    const int digits = 14;
    if (value == 0 || !isfinite(value)) return value;
    int exponent = (int)floor(log10(fabs(value)));
    int shift = digits - 1 - exponent;
    double scale = pow(10, abs(shift));
    double whole = shift >= 0 ? round(value * scale) : round(value / scale);
    return shift >= 0 ? whole / scale : whole * scale;
}

static double scaled(const struct unit *unit, double value) {
    return rounded(value * unit->multiplier / unit->divisor);
}

double unit_convert(const struct unit *unit, double value) {
    if (unit->shift == 0 && unit->multiplier == unit->divisor) return value;
    return scaled(unit, value + unit->shift);
}

double unit_convert_difference(const struct unit *unit, double difference) {
    return unit->multiplier == unit->divisor ? difference : scaled(unit, difference);
}
