"""What --help teaches at each level: what it does, an example, what happens next."""

from typing import NamedTuple


class Help(NamedTuple):
    """The help of one level: its line in the level above, what it does, and its examples with what follows."""

    summary: str
    description: str
    examples: str


HELP = {
    "": Help(
        "",
        """\
Registro de las entidades que reportan a SIGEC por interoperabilidad, de sus
estampillas y de sus tokens. El orden es: cree la entidad territorial, agregue
sus estampillas, cree sus entidades descentralizadas y genere un token a cada
una. Con su token, la entidad reporta actos documento, liquidaciones y pagos.
""",
        """\
entorno:
  TABLE_NAME          la tabla de DynamoDB: salida TableName del despliegue
  SIGEC_ENVIRONMENT   preprod o prod: el ambiente de esa tabla; si no es el de
                      sus entidades, ningún comando hace nada y sale con 1
  AWS_DEFAULT_REGION  la región de la tabla
  AWS_PROFILE         las credenciales, como en la línea de comandos de AWS
                      (o AWS_ACCESS_KEY_ID y AWS_SECRET_ACCESS_KEY)
  AWS_ENDPOINT_URL_DYNAMODB
                      solo para una tabla local: http://127.0.0.1:8001

ejemplo:
  export TABLE_NAME=sigec-interop-preprod SIGEC_ENVIRONMENT=preprod
  export AWS_DEFAULT_REGION=us-east-1 AWS_PROFILE=sigec-preprod
  python -m console entidad crear 8888888888 "Departamento de Ejemplo"
  python -m console estampilla agregar 8888888888 194-000-001 "Pro Cultura"
  python -m console entidad crear 900111222 "Hospital de Ejemplo" --territorial 8888888888
  python -m console token generar 900111222
  python -m console entidad ver 900111222

Lo que se pide sale por la salida estándar; las explicaciones, por la de error.
Código de salida: 0 hecho; 1 no se hizo, y se dice por qué; 2 el comando está
mal escrito o falta algo del entorno. Cada comando tiene su propia ayuda:
  python -m console token generar --help
""",
    ),
    "entidad": Help(
        "crea y muestra entidades",
        """\
Crea y muestra entidades. Una entidad es territorial (departamento, distrito,
municipio) o descentralizada, adscrita a una territorial.
""",
        """\
ejemplo:
  python -m console entidad crear 8888888888 "Departamento de Ejemplo"
  python -m console entidad ver 8888888888

Después de crearla, agregue sus estampillas (estampilla agregar) y genere su
token (token generar).
""",
    ),
    "entidad crear": Help(
        "crea una entidad",
        """\
Crea una entidad territorial o, con --territorial, una descentralizada de la
entidad territorial indicada, que debe existir. Si el NIT ya existe, no cambia
nada y sale con 1.
""",
        """\
ejemplo:
  python -m console entidad crear 8888888888 "Departamento de Ejemplo"
  python -m console entidad crear 900111222 "Hospital de Ejemplo" --territorial 8888888888

Una territorial queda sin estampillas y sin token: agregue aquellas y genere
este. Una descentralizada puede usar desde ya las estampillas de su territorial.
La clase, el nombre y la territorial no se cambian después: revíselos.
La primera entidad hace de la tabla vacía la del ambiente de SIGEC_ENVIRONMENT,
para siempre; necesita permiso para dynamodb:Scan sobre la tabla.
""",
    ),
    "entidad ver": Help(
        "muestra una entidad",
        """\
Muestra una entidad: su nombre y clase, sus estampillas y, si es descentralizada,
las de su territorial; y si tiene token vigente y desde cuándo. El token mismo no
se puede ver: no se guarda.
""",
        """\
ejemplo:
  python -m console entidad ver 900111222

No cambia nada. Si la entidad no existe, sale con 1.
""",
    ),
    "estampilla": Help(
        "agrega estampillas",
        """\
Agrega estampillas a las entidades. Las de una entidad territorial las usan
también sus descentralizadas; las de una descentralizada, solo ella.
""",
        """\
ejemplo:
  python -m console estampilla agregar 8888888888 194-000-001 "Pro Cultura"

Desde ese momento la entidad puede liquidarlas. Una estampilla no se retira.
""",
    ),
    "estampilla agregar": Help(
        "agrega una estampilla a una entidad",
        """\
Agrega una estampilla a una entidad. Si la entidad no existe o ya tiene ese
código, no cambia nada y sale con 1.
""",
        """\
ejemplo:
  python -m console estampilla agregar 8888888888 194-000-001 "Pro Cultura"

Desde ese momento la entidad, y si es territorial también sus descentralizadas,
puede enviar ese código en stampNumber. Mayúsculas y minúsculas cuentan. Una
estampilla no se retira ni cambia de nombre: revise el código y el nombre antes de agregarla.
""",
    ),
    "token": Help(
        "genera, reemplaza y revoca tokens",
        """\
Genera, reemplaza y revoca el token con que una entidad se identifica. Cada
entidad tiene a lo sumo un token vigente en cada ambiente. Solo se guarda su
huella (SHA-256): un token que se pierde se reemplaza, no se recupera.
""",
        """\
ejemplo:
  python -m console token generar 900111222
  python -m console token generar 900111222 --reemplazar
  python -m console token revocar 900111222
  python -m console token comparar sigec-interop-prod

Un token reemplazado o revocado deja de funcionar a más tardar en 5 segundos.
""",
    ),
    "token generar": Help(
        "genera o reemplaza el token",
        """\
Genera el token de una entidad y lo muestra una única vez. Si la entidad ya tiene
uno vigente, no cambia nada y sale con 1, salvo con --reemplazar.
""",
        """\
ejemplo:
  python -m console token generar 900111222
  python -m console token generar 900111222 --reemplazar > token.txt

El token sale solo en la salida estándar, para guardarlo en un archivo o pasarlo
a otro programa; lo demás, por la de error. Entréguelo a la entidad por un medio
seguro: sirve de inmediato. El reemplazado deja de funcionar a más tardar en 5
segundos: hasta que la entidad cargue el nuevo, sus envíos reciben 401.
""",
    ),
    "token revocar": Help(
        "revoca el token vigente",
        """\
Revoca el token vigente de una entidad. Si no tiene ninguno, sale con 1.
""",
        """\
ejemplo:
  python -m console token revocar 900111222

El token deja de funcionar a más tardar en 5 segundos y la entidad recibe 401.
Lo que ya reportó se conserva. Para que vuelva a reportar: token generar.
""",
    ),
    "token comparar": Help(
        "dice qué tokens cambiar después de restaurar la tabla",
        """\
Compara la tabla en uso, que se restauró, con la que estaba en uso antes, y dice
de cada entidad qué hacer con su token: revocarlo otra vez, porque el que se le
revocó sirve de nuevo, o entregarle otro, porque el último no está.
""",
        """\
ejemplo:
  export TABLE_NAME=sigec-interop-prod-restored-20261121
  python -m console token comparar sigec-interop-prod

No cambia nada. Lo que falta hacer sale por la salida estándar, una línea por
entidad; hágalo y repita el comando, hasta que no salga nada. Compara las tablas,
no las fechas: no importa la hora de ninguna máquina. Recorre toda la anterior.
Necesita permiso para dynamodb:Scan sobre ella, y dynamodb:GetItem y BatchGetItem
sobre la tabla en uso.
""",
    ),
    "indice": Help(
        "completa lo que las consultas buscan",
        """\
Las consultas encuentran las filas de la tabla por un índice. Las que se
registraron antes de que lo hubiera no tienen con qué: este asunto se lo da.
""",
        """\
ejemplo:
  python -m console indice completar

Se hace una vez, después de actualizar a la versión que trae el índice.
""",
    ),
    "indice completar": Help(
        "completa las filas de antes del índice",
        """\
Recorre toda la tabla una vez y da a cada fila que no lo tenga aquello con que el
índice la encuentra: actos documento, liquidaciones, pagos, entidades
descentralizadas y las creaciones que muestra la consulta pública. También
completa el sujeto pasivo de las liquidaciones en el registro de cambios.
""",
        """\
ejemplo:
  python -m console indice completar

Mientras tanto las entidades pueden reportar. Dice cada tanto por dónde va. Se
puede interrumpir y repetir: lo que ya está completo no se toca. Necesita permiso
para dynamodb:Scan, GetItem, BatchGetItem y UpdateItem sobre la tabla.
""",
    ),
    "catalogo": Help(
        "prepara el catálogo de las búsquedas",
        """\
Las búsquedas de actos documento por una parte de su código, documento o nombre
leen un catálogo, que hace la primera búsqueda de cada entidad. Si la entidad ya
registró mucho, esa tarda y puede responder 503 varias veces: este asunto lo hace
antes.
""",
        """\
ejemplo:
  python -m console catalogo preparar 8888888888

Sin él nada falta en las búsquedas; solo la primera tarda más.
""",
    ),
    "catalogo preparar": Help(
        "prepara el catálogo de una entidad",
        """\
Lee todo lo que la entidad registró y lo pone en su catálogo, menos lo de la
última hora, que queda para la primera búsqueda. Si la entidad no existe, no
cambia nada y sale con 1.
""",
        """\
ejemplo:
  python -m console catalogo preparar 8888888888

Mientras tanto la entidad puede reportar y buscar. Dice cada tanto por dónde va.
Se puede interrumpir y repetir: sigue donde iba. Prepara una sola entidad: repítalo
con cada descentralizada. Necesita permiso para dynamodb:GetItem, Query y PutItem
sobre la tabla.
""",
    ),
}
