select d.total, o.total
from (select sum(total) as total from {{ ref('daily') }}) d
cross join (select sum(amount) as total from {{ ref('orders') }}) o
where d.total <> o.total
