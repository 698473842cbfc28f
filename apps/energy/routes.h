// SPDX-License-Identifier: Apache-2.0
// The handlers of the energy market; app.c lists them. What is read comes from the rows, but for
// quotes, which the contract's own view answers; what changes anything is signed by the server's
// own key. No rule is judged here: what is wrong, the contract refuses, and the transaction's
// status says why.
#ifndef LMM_ENERGY_ROUTES_H
#define LMM_ENERGY_ROUTES_H

#include "apps/common/http/http.h"

typedef enum status energy_handler(void *server, struct http_request *request,
                                   struct http_response *response);
// routes.c
energy_handler get_zones, get_zone, get_slots, get_orders, get_order, get_trades, get_positions,
    get_meters, get_readings, get_place_proof;
// routes_book.c
energy_handler get_book, get_candles, get_quote;
// routes_sign.c
energy_handler post_zone, post_order, delete_order, post_meter, post_approval, post_reading,
    post_settlement;

#endif
