// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/test/row_dump.h"

#include <stdio.h>

#include "chaincore/base/codec.h"
#include "tests/support/unit.h"

// Texts by their bytes, so that both engines agree on the order.
static const struct {
    const char *query;
    const char *columns; // of each a letter for its kind, then its name
} tables[] = {
    {"SELECT * FROM context ORDER BY hash", "bhash bbody"},
    {"SELECT * FROM event ORDER BY height, tx_index, position",
     "iheight itx_index iposition tevent_id bhash ttype taction tbiz_step tdisposition tread_point"
     " tbiz_location itime_ms irecord_ms iis_declaration bsender btx_id ichain_event ientry "
     "bcontext bbody"},
    {"SELECT * FROM epc ORDER BY height, tx_index, position, place, id COLLATE \"C\"",
     "tid iplace iheight itx_index iposition"},
    {"SELECT * FROM event_value ORDER BY height, tx_index, position, field, text COLLATE \"C\","
     " number, time_ms",
     "ifield ttext inumber itime_ms iis_first iheight itx_index iposition"},
    {"SELECT * FROM master_attribute ORDER BY sender, id COLLATE \"C\", name COLLATE \"C\", value",
     "tid tname tvalue bsender"},
    {"SELECT * FROM master_child ORDER BY sender, parent COLLATE \"C\", child COLLATE \"C\"",
     "tparent tchild bsender"},
    {"SELECT * FROM job ORDER BY job, sender",
     "bjob bsender iheight itx_index itime_ms icreated_ms btx_id icode icontract_code treason "
     "ievent_count"},
    {"SELECT * FROM job_event ORDER BY job, sender, position",
     "bjob bsender iposition tevent_id bhash irow_height irow_tx_index irow_position"},
    {"SELECT * FROM job_tx ORDER BY job, sender, height, tx_index",
     "bjob bsender iheight itx_index itime_ms btx_id"},
    {"SELECT * FROM chunk ORDER BY sender, job, position", "bsender bjob iposition iheight bbody"},
    {"SELECT * FROM shipment ORDER BY number",
     "inumber iparent tepc tuom borigin bevent_hash bcustodian bshipper bdestination istate"
     " iquantity_milli ioffered_milli iregistered_ms ideparted_ms iarrived_ms ialarms ijourney"
     " ijourney_alarms iheight itx_index ievent_index btx_id itime_ms"},
    {"SELECT * FROM shipment_rule ORDER BY shipment, rule",
     "ishipment irule tproperty tuom imin_milli imax_milli bsensors ireadings iis_out ilast_ms"
     " ilast_milli iworst_ms iworst_milli"},
    {"SELECT * FROM reading ORDER BY height, tx_index, event_index, item",
     "ishipment irule ireading_ms ivalue_milli bsensor bcustodian tproperty tuom iheight itx_index"
     " ievent_index iitem btx_id itime_ms"},
    {"SELECT * FROM alarm ORDER BY height, tx_index, event_index",
     "ishipment ialarm irule ireading_ms ivalue_milli bsensor bcustodian tproperty tuom imin_milli"
     " imax_milli iheight itx_index ievent_index btx_id itime_ms"},
    {"SELECT * FROM hand_over ORDER BY number",
     "inumber ishipment ipart bgiver breceiver iquantity_milli ioffered_ms iclosed_ms istate"
     " ialarms bconditions breason iheight itx_index ievent_index btx_id itime_ms"},
    {"SELECT * FROM custody_news ORDER BY height, tx_index, event_index",
     "iheight itx_index ievent_index ikind itime_ms bbody"},
};

static void dump_column(struct buf *out, struct db_statement *row, char kind, const char *name) {
    struct bytes bytes;
    switch (kind) {
    case 'i':
        buf_append_format(out, "%lld ", (long long)db_column_i64(row, name));
        return;
    case 't':
        bytes = db_column_text(row, name);
        break;
    default:
        bytes = db_column_bytes(row, name);
    }
    buf_append_format(out, "%zu:", bytes.len);
    hex_encode((char *)buf_reserve(out, 2 * bytes.len + 1), bytes);
    out->len += 2 * bytes.len;
    buf_append_byte(out, ' ');
}

static void dump_table(struct buf *out, struct db *db, size_t table) {
    struct db_statement *row;
    bool has_row;
    enum status status = db_prepare(&row, db, tables[table].query);
    ck_assert_msg(status == STATUS_OK, "%s: %s", tables[table].query, db_last_error(db));
    buf_append_format(out, "%s\n", tables[table].query);
    for (;;) {
        char names[512], *rest = NULL;
        status = db_step(row, &has_row);
        ck_assert_msg(status == STATUS_OK, "%s: %s", tables[table].query, db_last_error(db));
        if (!has_row) break;
        snprintf(names, sizeof names, "%s", tables[table].columns);
        for (char *name = strtok_r(names, " ", &rest); name; name = strtok_r(NULL, " ", &rest))
            dump_column(out, row, name[0], name + 1);
        buf_append_byte(out, '\n');
    }
    db_release(row);
}

void rows_dump(struct buf *out, struct db *db) {
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) dump_table(out, db, i);
}
