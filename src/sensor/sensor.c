typedef int wf_sensor_room;  // until the room has its first source file
