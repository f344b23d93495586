/** Sakila, a DVD rental shop: timestamps, decimals and long texts beside the keys. */
import type { DataSet, Operation } from "./data-set.ts";
import { WRITES } from "./visits.ts";

const FILMS = 1_000;

const FILM_FIELDS = "filmId title description rentalRate length lastUpdate";
const RENTAL_FIELDS = "rentalId rentalDate inventoryId customerId returnDate staffId";
const RENTAL_JSON = `'{"rentalId":' || rental_id || ',"rentalDate":' || to_json(rental_date)::text || ',"inventoryId":' || inventory_id
  || ',"customerId":' || customer_id || ',"returnDate":' || coalesce(to_json(return_date)::text, 'null') || ',"staffId":' || staff_id || '}'`;
const FILM_JSON = `'{"filmId":' || film_id || ',"title":' || to_json(title)::text || ',"description":' || coalesce(to_json(description)::text, 'null')
  || ',"rentalRate":"' || rental_rate || '","length":' || coalesce(length::text, 'null') || ',"lastUpdate":' || to_json(last_update)::text || '}'`;

const OPERATIONS: readonly Operation[] = [
  {
    name: "key",
    documents: {
      fraiseql: `query Film($id: Int!) { film(filmId: $id) { ${FILM_FIELDS} } }`,
      postgraphile: `query Film($id: Int!) { film: filmByFilmId(filmId: $id) { ${FILM_FIELDS} } }`,
    },
    // 613 shares no factor with 1,000: every film once, in an order that is no scan.
    variables: Array.from({ length: FILMS }, (_, turn) => ({ id: 1 + ((turn * 613) % FILMS) })),
    statement: `select '{"data":{"film":' || coalesce((select ${FILM_JSON} from film where film_id = $1::int4), 'null') || '}}'`,
    values: (variables) => [String(variables["id"])],
  },
  {
    name: "rows100",
    documents: {
      fraiseql: `{ films(limit: 100) { ${FILM_FIELDS} } }`,
      postgraphile: `{ films: allFilmsList(first: 100) { ${FILM_FIELDS} } }`,
    },
    variables: [{}],
    statement: `select '{"data":{"films":[' || (select coalesce(string_agg(${FILM_JSON}, ','), '')
      from (select film_id, title, description, rental_rate, length, last_update from film order by film_id limit 100) t) || ']}}'`,
    values: () => [],
  },
  {
    name: "nested",
    documents: {
      fraiseql: `{ films(limit: 20) { filmId title inventories(limit: 5) { inventoryId storeId
        rentals(limit: 5) { rentalId rentalDate returnDate customerId } } } }`,
      postgraphile: `{ films: allFilmsList(first: 20) { filmId title
        inventories: inventoriesByFilmIdList(first: 5) { inventoryId storeId
          rentals: rentalsByInventoryIdList(first: 5) { rentalId rentalDate returnDate customerId } } } }`,
    },
    variables: [{}],
    statement: `select '{"data":{"films":[' || (select coalesce(string_agg(
        '{"filmId":' || film_id || ',"title":' || to_json(title)::text || ',"inventories":['
        || (select coalesce(string_agg('{"inventoryId":' || inventory_id || ',"storeId":' || store_id || ',"rentals":['
          || (select coalesce(string_agg('{"rentalId":' || rental_id || ',"rentalDate":' || to_json(rental_date)::text
            || ',"returnDate":' || coalesce(to_json(return_date)::text, 'null') || ',"customerId":' || customer_id || '}', ','), '')
            from (select rental_id, rental_date, return_date, customer_id from rental where inventory_id = i.inventory_id
              order by rental_id limit 5) r)
          || ']}', ','), '')
          from (select inventory_id, store_id from inventory where film_id = f.film_id order by inventory_id limit 5) i)
        || ']}', ','), '')
      from (select film_id, title from film order by film_id limit 20) f) || ']}}'`,
    values: () => [],
  },
  {
    name: "page",
    documents: {
      fraiseql: `query Page($least: Decimal!) {
        payments(where: { amount: { gte: $least } }, orderBy: [{ paymentDate: DESC }], limit: 20, offset: 40) {
          paymentId amount paymentDate customerId } }`,
      mercurius: `query Page($least: String!) {
        payments(least: $least, limit: 20, offset: 40) { paymentId amount paymentDate customerId } }`,
      postgraphile: `query Page($least: BigFloat!) {
        payments: allPaymentsList(filter: { amount: { greaterThanOrEqualTo: $least } }, orderBy: [PAYMENT_DATE_DESC, PAYMENT_ID_DESC],
          first: 20, offset: 40) { paymentId amount paymentDate customerId } }`,
    },
    variables: ["2.99", "3.99", "4.99", "5.99"].map((least) => ({ least })),
    statement: `select '{"data":{"payments":[' || (select coalesce(string_agg('{"paymentId":' || payment_id || ',"amount":"' || amount
      || '","paymentDate":' || to_json(payment_date)::text || ',"customerId":' || customer_id || '}', ','), '')
      from (select payment_id, amount, payment_date, customer_id from payment where amount >= $1::numeric
        order by payment_date desc, payment_id desc limit 20 offset 40) t) || ']}}'`,
    values: (variables) => [String(variables["least"])],
  },
  {
    name: "aggregate",
    documents: {
      fraiseql: "query Count($staff: Int!) { rentals: rentalsAggregate(where: { staffId: { eq: $staff } }) { count } }",
      mercurius: "query Count($staff: Int!) { rentals: rentalsCount(staff: $staff) { count } }",
      postgraphile:
        "query Count($staff: Int!) { rentals: allRentals(condition: { staffId: $staff }) { count: totalCount } }",
    },
    variables: [{ staff: 1 }, { staff: 2 }],
    statement: `select '{"data":{"rentals":{"count":' || (select count(*) from rental where staff_id = $1::int4) || '}}}'`,
    values: (variables) => [String(variables["staff"])],
  },
  {
    name: "rows10000",
    isHeavy: true,
    documents: {
      fraiseql: `{ rentals(limit: 10000) { ${RENTAL_FIELDS} } }`,
      postgraphile: `{ rentals: allRentalsList(first: 10000) { ${RENTAL_FIELDS} } }`,
    },
    variables: [{}],
    statement: `select '{"data":{"rentals":[' || (select coalesce(string_agg(${RENTAL_JSON}, ','), '')
      from (select rental_id, rental_date, inventory_id, customer_id, return_date, staff_id from rental order by rental_id limit 10000) t) || ']}}'`,
    values: () => [],
  },
];

export const SAKILA: DataSet = { name: "sakila", operations: [...OPERATIONS, ...WRITES] };
